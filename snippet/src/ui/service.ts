/** One service behind a purpose: who provides it, and what it stores for how long. */
import type { Service } from "../config.ts";
import { h, type textsOf } from "./element.ts";

/** A link to another site's page; anything but http and https is shown as nothing. */
export const link = (address: string | null | undefined, label: string): HTMLAnchorElement | false =>
  !!address &&
  /^https?:\/\//.test(address) &&
  h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);

const STORAGE = { cookie: "", local: "localStorage", session: "sessionStorage" };

export function serviceDetails(service: Service, text: ReturnType<typeof textsOf>): HTMLElement {
  const cookies = service.cookies ?? [];
  const head = (label: string) => h("th", { scope: "col" }, label);
  return h(
    "div",
    { class: "service" },
    h("h4", {}, service.name),
    service.description && h("p", {}, service.description),
    service.provider &&
      h(
        "p",
        { class: "quiet" },
        `${text("provider")}: ${[service.provider, service.country].filter(Boolean).join(", ")}`,
      ),
    link(service.privacy_policy, text("privacy_policy")),
    cookies.length
      ? h(
          "table",
          {},
          h("caption", {}, `${text("cookies")}: ${service.name}`),
          h(
            "thead",
            {},
            h("tr", {}, head(text("cookie_name")), head(text("cookie_purpose")), head(text("cookie_duration"))),
          ),
          h(
            "tbody",
            {},
            ...cookies.map((cookie) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, h("code", {}, cookie.name), " ", STORAGE[cookie.kind ?? "cookie"]),
                h("td", {}, cookie.description),
                h("td", {}, cookie.duration),
              ),
            ),
          ),
        )
      : h("p", { class: "quiet" }, text("no_cookies")),
  );
}
