/** Keeps a page's answer the same as the browser's: other tabs, and pages that come back out of the back/forward cache. */
import { listen } from "./guard.ts";
import { decision, key, lostSince, refresh } from "./page.ts";

export function startSync(): void {
  listen<StorageEvent>(window, "storage", (event) => event.key === key && refresh());
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && refresh());
  // Captured, so that it comes before a tracker that counts the page again when it is shown again.
  listen<PageTransitionEvent>(
    window,
    "pageshow",
    (event) => {
      if (!event.persisted) return;
      const before = decision;
      refresh(true);
      if (lostSince(before).length) event.stopImmediatePropagation();
    },
    true,
  );
}
