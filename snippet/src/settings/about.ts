/** The small print of the second layer: who asks, what was answered, and how to take it back. */
import { Text } from "../config.ts";
import type { FragmentApi } from "../fragment.ts";
import { Action, button } from "../ui/action.ts";
import type { Content } from "../ui/element.ts";
import { link } from "./service.ts";

export const aboutAnswer = (api: FragmentApi): Content[] => {
  const [, , language, texts] = api.$state();
  const decision = api.$decision();

  const fact = (name: Text, ...content: Content[]): Content => [
    "div",
    "row",
    ["h4", 0, texts[name] as string],
    ...content,
  ];
  /** Something to take along, with a button that copies it. */
  const withCopy = (words: string | undefined): Content =>
    words ? ["div", "line", ["code", 0, words], button("small", Action.copy, texts[Text.copy])] : "";

  return [
    fact(
      Text.lastAnswer,
      decision
        ? new Date(decision.at).toLocaleString(
            language,
            // A recorded refusal only knows its day.
            decision.consentId || !decision.recorded
              ? { dateStyle: "long", timeStyle: "short" }
              : { dateStyle: "long", timeZone: "UTC" },
          )
        : (texts[Text.notAnswered] as string),
      withCopy(decision?.receipt),
    ),
    decision?.consentId ? fact(Text.consentId, withCopy(decision.consentId)) : "",
    fact(Text.controller, texts[Text.controllerFacts] as string),
    fact(Text.contact, link(texts[Text.contactAddress] as string)),
    fact(Text.privacyPolicy, link(texts[Text.privacyPolicyAddress] as string)),
    fact(Text.howToWithdraw, api.$anyAllowed() ? button("small", Action.reject, texts[Text.withdraw]) : ""),
  ];
};
