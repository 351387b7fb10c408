/** Keeps a page's answer the same as the browser's: other tabs, and pages that come back out of the back/forward cache. */
import { safe } from "./guard.ts";
import type { Manager } from "./manager.ts";

export function startSync(manager: Manager): void {
  const refresh = safe(() => manager.refresh());
  addEventListener("storage", (event) => event.key === `askfirst-${manager.config.site}` && refresh());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  // Captured, so that it comes before a tracker that counts the page again when it is shown again.
  addEventListener(
    "pageshow",
    (event) => {
      if (!event.persisted) return;
      const before = manager.decision()?.purposes ?? {};
      safe(manager.refresh)(true);
      if (Object.keys(before).some((id) => before[id] && !manager.allows(id))) event.stopImmediatePropagation();
    },
    true,
  );
}
