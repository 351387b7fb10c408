/** What refused services left behind in this browser is removed: the cookies and storage keys that the policy names for them. */
import type { Config, Cookie } from "./config.ts";
import { jar, removeCookie } from "./cookie.ts";

type Kind = NonNullable<Cookie["kind"]>;

/** A test for the names that the policy lists under one kind for the services chosen; `*` stands for any characters. */
const named = (config: Config, kind: Kind, chosen: (purpose: string) => boolean): ((name: string) => boolean) => {
  const forms = config.services
    .filter((service) => chosen(service.purpose))
    .flatMap((service) => service.cookies ?? [])
    .filter((cookie) => (cookie.kind ?? "cookie") === kind)
    .map((cookie) => new RegExp(`^${cookie.name.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*")}$`));
  return (name) => forms.some((form) => form.test(name));
};

/** Removes what this page can see of every service that is not allowed. What an allowed service names too stays. */
export function forgetRefused(config: Config, allows: (purpose: string) => boolean): void {
  const isRefused = (kind: Kind) => {
    const refused = named(config, kind, (purpose) => !allows(purpose));
    const allowed = named(config, kind, allows);
    return (name: string) => refused(name) && !allowed(name) && !name.includes(`askfirst-${config.site}`);
  };
  jar()
    .split(";")
    .map((pair) => (pair.split("=")[0] ?? "").trim())
    .filter(isRefused("cookie"))
    .forEach(removeCookie);
  for (const kind of ["local", "session"] as const) {
    try {
      const storage = window[`${kind}Storage`];
      for (const key of Object.keys(storage).filter(isRefused(kind))) storage.removeItem(key);
    } catch {
      // Storage is blocked, so nothing is in it.
    }
  }
}
