/** What refused services left behind in this browser is removed: the cookies and storage keys that the policy names for them. */
import { cookies, removeCookie } from "./cookie.ts";
import { allows, key, purposes } from "./page.ts";

/** Removes those of these names that only refused services use; `*` in the policy stands for any characters. */
const sweep = (kind: 0 | 1 | 2, names: string[], remove: (name: string) => void) => {
  const uses = (name: string, granted: boolean) =>
    purposes.some(
      ([id, , , , ...services]) =>
        allows(id) === granted &&
        services.some(([, , , , ...stored]) =>
          stored.some(
            ([pattern, , , at = 0]) =>
              at === kind &&
              new RegExp(`^${pattern.replace(/\W/g, (sign) => (sign === "*" ? ".*" : `\\${sign}`))}$`).test(name),
          ),
        ),
    );
  for (const name of names) if (!name.includes(key) && uses(name, false) && !uses(name, true)) remove(name);
};

/** Removes what this page can see of every service that is not allowed. What an allowed service names too stays. */
export const forgetRefused = (): void => {
  // A cookie may have no name, and hides none behind it.
  sweep(0, cookies().split(/=[^;]*|; */), removeCookie);
  for (const kind of [1, 2] as const)
    try {
      const storage = kind < 2 ? localStorage : sessionStorage;
      sweep(kind, Object.keys(storage), (name) => storage.removeItem(name));
    } catch {
      // Storage is blocked, so nothing is in it.
    }
};
