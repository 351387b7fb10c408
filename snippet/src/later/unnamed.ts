/** What is stored in this browser and no service of the policy has named: cookies that the page can read, local and session storage. */
import type { Purpose } from "../config.ts";

const keys = (storage: () => Storage): string[] => {
  try {
    return Object.keys(storage());
  } catch {
    return [];
  }
};

/** Returns [where, name] of each; Askfirst's own are the receipt and what waits to be sent. */
export const unnamed = (purposes: Purpose[], site: string): [string, string][] => {
  const named = purposes.flatMap(([, , , , ...services]) => services.flatMap(([, , , , ...cookies]) => cookies));
  const found: [string, string[]][] = [
    ["cookie", document.cookie.split(/; */).map((pair) => pair.split("=")[0] as string)],
    ["local storage", keys(() => localStorage)],
    ["session storage", keys(() => sessionStorage)],
  ];
  return found.flatMap(([where, names], kind) =>
    names
      .filter(
        (name) =>
          name &&
          !new RegExp(`^(__Host-|__Secure-)?askfirst-${site}`).test(name) &&
          !named.some(
            ([pattern, , , of = 0]) =>
              of === kind && new RegExp(`^${pattern.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*")}$`).test(name),
          ),
      )
      .map((name): [string, string] => [where, name]),
  );
};
