/** The small print of the second layer: who asks, what was answered, and how to take it back. */
import { config, decision, withdraw } from "../page.ts";
import { grants } from "../receipt.ts";
import { consentId } from "../subject.ts";
import { button, h, set, text } from "./element.ts";
import { link } from "./service.ts";

/** When the answer was given, in the banner's language; a confirmed refusal only knows its day. */
const when = (): string =>
  decision
    ? new Intl.DateTimeFormat(
        config.language,
        decision.sub || decision.sent
          ? { dateStyle: "long", timeStyle: "short" }
          : { dateStyle: "long", timeZone: "UTC" },
      ).format(decision.at)
    : text("not_answered");

const consentIdWithCopy = (id: string): HTMLElement => {
  const copied = set(h("span.quiet"), { role: "status" });
  return h(
    "span",
    h("code", id),
    button(text("copy"), "small", () =>
      navigator.clipboard.writeText(id).then(
        () => {
          copied.textContent = text("copied");
        },
        // Without a clipboard the id can still be selected with one click.
        () => {},
      ),
    ),
    copied,
  );
};

export function aboutAnswer(close: () => void): HTMLElement {
  const { name, address, contact = "" } = config.controller;
  const facts: [Parameters<typeof text>[0], string | Node | undefined | false][] = [
    ["last_answer", when()],
    ["consent_id", decision?.sub && consentIdWithCopy(consentId(decision.sub))],
    ["controller", address ? `${name}, ${address}` : name],
    ["contact", /^[^\s:]+@\S+$/.test(contact) ? set(h("a", contact), { href: `mailto:${contact}` }) : contact],
    ["privacy_policy", link(config.privacy_policy, config.privacy_policy)],
  ];
  return h(
    "div",
    h("dl", ...facts.map(([key, fact]) => fact && h("div", h("dt", text(key)), h("dd", fact)))),
    h("p", text("how_to_withdraw")),
    grants(decision?.purposes) &&
      button(text("withdraw"), "small", () => {
        close();
        withdraw();
      }),
  );
}
