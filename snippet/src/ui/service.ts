/** One service behind a purpose: who provides it, and what it stores for how long. */
import type { Service } from "../config.ts";
import { h, set, text } from "./element.ts";

/** A link to another page; an address that is none of the web's is shown as nothing. */
export const link = (address: string | null | undefined, label: string): HTMLElement | false =>
  /^https?:/.test(address ?? "") && set(h("a", label), { href: address as string, target: "_blank", rel: "noopener" });

export function serviceDetails({
  name,
  provider,
  country,
  description,
  privacy_policy,
  cookies,
}: Service): HTMLElement {
  const cell = (tag: string, scope: string, ...children: (Node | string | undefined)[]) =>
    set(h(tag, ...children), { scope });
  return h(
    "div.service",
    h("h4", name),
    h("p", description),
    provider && h("p.quiet", `${text("provider")}: ${provider}${country ? `, ${country}` : ""}`),
    link(privacy_policy, text("privacy_policy")),
    cookies?.length
      ? h(
          "table",
          h("caption", `${text("cookies")}: ${name}`),
          h(
            "thead",
            h(
              "tr",
              cell("th", "col", text("cookie_name")),
              cell("th", "col", text("cookie_purpose")),
              cell("th", "col", text("cookie_duration")),
            ),
          ),
          h(
            "tbody",
            ...cookies.map((cookie) =>
              h("tr", cell("th", "row", cookie.name), h("td", cookie.description), h("td", cookie.duration)),
            ),
          ),
        )
      : h("p.quiet", text("no_cookies")),
  );
}
