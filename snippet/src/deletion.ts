/** What refused services left behind in this browser is removed: the cookies and storage keys that the policy names for them. */
import type { Cookie } from "./config.ts";
import { jar, removeCookie } from "./cookie.ts";
import { allows, config, key } from "./page.ts";

/** Of these names, those that only refused services use; `*` in the policy stands for any characters. */
const refused = (names: string[], kind: Cookie["kind"]): string[] => {
  const uses = (name: string, granted: boolean) =>
    config.services.some(
      ({ purpose, cookies }) =>
        allows(purpose) === granted &&
        cookies?.some(
          (cookie) =>
            (cookie.kind ?? "cookie") === kind &&
            new RegExp(`^${cookie.name.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*")}$`).test(name),
        ),
    );
  return names.filter((name) => uses(name, false) && !uses(name, true) && !name.includes(key));
};

const forget = (storage: () => Storage, kind: Cookie["kind"]) => {
  try {
    for (const name of refused(Object.keys(storage()), kind)) storage().removeItem(name);
  } catch {
    // Storage is blocked, so nothing is in it.
  }
};

/** Removes what this page can see of every service that is not allowed. What an allowed service names too stays. */
export function forgetRefused(): void {
  refused(
    jar()
      .split(/; */)
      .map((pair) => pair.split("=")[0] as string),
    "cookie",
  ).forEach(removeCookie);
  forget(() => localStorage, "local");
  forget(() => sessionStorage, "session");
}
