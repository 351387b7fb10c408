/** Keeps a page's answer the same as the browser's: other tabs, and pages that come back out of the back/forward cache. */
import { listen } from "./guard.ts";
import { key, refresh } from "./page.ts";

export const startSync = (): void => {
  listen(window, "storage", (event: StorageEvent) => event.key === key && refresh());
  // The first event of a page that comes back. Captured, so that no tracker hears of it before.
  listen(window, "visibilitychange", () => document.hidden || refresh());
  // A page that comes back to find its answer gone has none to act on.
  listen(window, "pageshow", ({ persisted }: PageTransitionEvent) => persisted && refresh(true));
};
