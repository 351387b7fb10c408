/** After a withdrawal: what had run can not be taken out of a page, so the page starts again without it. */
import { forgetRefused } from "./deletion.ts";
import type { Manager } from "./manager.ts";
import { waiting } from "./queue.ts";
import { hasRun } from "./release.ts";

const PATIENCE = 1000;

/** Trackers send a last report when a page is left; after a withdrawal that would be one measurement too many. */
const silence = () => {
  for (const type of ["visibilitychange", "pagehide", "blur"])
    addEventListener(type, (event) => event.stopImmediatePropagation(), true);
};

/** Removes what refused services stored, and starts the page again where one of them had run. */
export function startStopping(manager: Manager): void {
  const { config } = manager;
  let stopping = false;

  const tidy = () => {
    if (manager.decision()) forgetRefused(config, manager.allows);
  };

  manager.acts.add((now, before) => {
    tidy();
    const lost = Object.keys(before?.purposes ?? {}).filter((id) => before?.purposes[id] && !now?.purposes[id]);
    if (stopping || !lost.some(hasRun)) return;
    stopping = true;
    silence();
    // The next page is better off with the new receipt; a service that is away is not waited for.
    const since = Date.now();
    const reload = () => {
      if (waiting(config.site).length && Date.now() - since < PATIENCE) setTimeout(reload, 20);
      else location.reload();
    };
    // Not before the answer is on its way.
    setTimeout(reload);
  });
  tidy();
}
