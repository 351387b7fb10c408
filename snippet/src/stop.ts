/** After a withdrawal: what had run can not be taken out of a page, so the page starts again without it. */
import { forgetRefused } from "./deletion.ts";
import { listen } from "./guard.ts";
import { decision, lostSince, onAct, waiting } from "./page.ts";
import { wasUsed } from "./release.ts";

const PATIENCE = 1000;

/** Removes what refused services stored, and starts the page again where one of them had acted. */
export function startStopping(): void {
  let stopping = false;

  const stop = () => {
    stopping = true;
    // Trackers send a last report when a page is left; after a withdrawal that would be one measurement too many.
    for (const type of ["visibilitychange", "pagehide", "blur"])
      listen(window, type, (event) => event.stopImmediatePropagation(), true);
    // The next page is better off with the new receipt; a service that is away is not waited for.
    const end = Date.now() + PATIENCE;
    const reload = () => {
      if (waiting().length && Date.now() < end) setTimeout(reload, 20);
      else location.reload();
    };
    setTimeout(reload);
  };

  onAct((before) => {
    forgetRefused();
    if (!stopping && lostSince(before).some(wasUsed)) stop();
  });
  if (decision) forgetRefused();
}
