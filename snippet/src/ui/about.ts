/** The small print of the second layer: who asks, what was answered, and how to take it back. */
import { withdraw } from "../api.ts";
import type { Manager } from "../manager.ts";
import { grants } from "../receipt.ts";
import { consentId } from "../subject.ts";
import { button, h, type textsOf } from "./element.ts";
import { link } from "./service.ts";

/** When the answer was given, in the banner's language; a refusal only knows its day. */
const when = (at: number, day: boolean, language: string): string => {
  const style: Intl.DateTimeFormatOptions = day
    ? { dateStyle: "long", timeZone: "UTC" }
    : { dateStyle: "long", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(language, style).format(at);
  } catch {
    return new Intl.DateTimeFormat(undefined, style).format(at);
  }
};

export function aboutAnswer(manager: Manager, text: ReturnType<typeof textsOf>, done: () => void): HTMLElement {
  const { config } = manager;
  const { controller } = config;
  const now = manager.decision();
  const id = now?.subject && consentId(now.subject);
  const copied = h("span", { role: "status", class: "quiet" });
  const code = h("code", { class: "id" }, id || "");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(id || "");
      copied.textContent = text("copied");
    } catch {
      // No clipboard here: the id is selected, so that the visitor's own copy command takes it.
      getSelection()?.selectAllChildren(code);
    }
  };
  const fact = (name: string, ...value: (Node | string | false | undefined)[]) =>
    value.some(Boolean) && h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, ...value));
  const contact = controller?.contact;
  return h(
    "div",
    { class: "facts" },
    h(
      "dl",
      {},
      fact(text("last_answer"), now ? when(now.at, now.day, config.language) : text("not_answered")),
      id && fact(text("consent_id"), code, button(text("copy"), "small", copy), copied),
      fact(text("controller"), [controller?.name, controller?.address].filter(Boolean).join(", ")),
      fact(
        text("contact"),
        contact && /^[^\s@:/]+@[^\s@:/]+$/.test(contact) ? h("a", { href: `mailto:${contact}` }, contact) : contact,
      ),
      fact(text("privacy_policy"), link(config.privacy_policy, config.privacy_policy)),
    ),
    h("p", {}, text("how_to_withdraw")),
    grants(now?.purposes ?? {}) &&
      button(text("withdraw"), "small", () => {
        done();
        withdraw(manager);
      }),
  );
}
