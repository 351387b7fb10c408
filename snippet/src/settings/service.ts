/** One service behind a purpose: who provides it, and what it stores for how long. */
import { type Cookie, type Service, Text } from "../config.ts";
import type { Made } from "../ui/element.ts";

/** A link to another page; an address that is none of the web's is shown as words. */
export const link = (href: string, label = href.replace("mailto:", "")): Made => [
  "a",
  /^(https?|mailto):/.test(href) ? { href, target: "_blank" } : 0,
  label,
];

const row = (tag: string, [name, description, duration]: readonly string[] | Cookie): Made => [
  "tr",
  0,
  ["th", 0, name as string],
  [tag, 0, description as string],
  [tag, 0, duration as string],
];

export const serviceDetails = (
  texts: string[],
  [name, description, provider, privacyPolicy, ...cookies]: Service,
): Made => [
  "div",
  "row",
  ["h4", 0, name],
  ["p", 0, description],
  ["p", "quiet", provider, " ", privacyPolicy && link(privacyPolicy, texts[Text.privacyPolicy] as string)],
  cookies[0]
    ? [
        "table",
        { ariaLabel: `${texts[Text.cookies]}: ${name}` },
        row("th", texts.slice(Text.cookieName, Text.noCookies)),
        ...cookies.map((cookie) => row("td", cookie)),
      ]
    : ["p", "quiet", texts[Text.noCookies] as string],
];
