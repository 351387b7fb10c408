/** After a withdrawal: what had run can not be taken out of a page, so the page starts again without it. */
import { forgetRefused } from "./deletion.ts";
import { config, decision, lostSince, onAct, waiting } from "./page.ts";
import { wasUsed } from "./release.ts";
import { h, set } from "./ui/element.ts";

const PATIENCE = 1000;

/**
 * Lets nothing out of this page any more but the answer itself. Trackers report when a page is left, or comes out of the back/forward
 * cache, and that would be one measurement after the withdrawal.
 */
const silence = () =>
  document.head.append(
    set(h("meta"), {
      "http-equiv": "Content-Security-Policy",
      content: `default-src 'none';connect-src ${config.service}/d/${config.site}`,
    }),
  );

/** Removes what refused services stored, and starts the page again where one of them had acted. */
export function startStopping(): void {
  let stopping = false;

  const stop = () => {
    stopping = true;
    silence();
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
