/** After a withdrawal: what had run can not be taken out of a page, so the page starts again without it. */
import { forgetRefused } from "./deletion.ts";
import { at, decision, onAct, waiting } from "./page.ts";
import { actedAgainst } from "./release.ts";
import { h } from "./ui/element.ts";

const PATIENCE = 1000;

let end = 0;

/** Removes what refused services stored, and starts the page again where one of them had acted. */
export const startStopping = (): void => {
  onAct(() => {
    forgetRefused();
    if (end || !actedAgainst()) return;
    end = Date.now() + PATIENCE;
    // Lets nothing out of this page any more but the answer itself. Trackers report when a page is left, or comes out of the back/forward
    // cache, and that would be one measurement after the withdrawal.
    document.head.append(
      h("meta", {
        httpEquiv: "Content-Security-Policy",
        content: `default-src 'none';connect-src ${new URL(at("d"), location.href)}`,
      }),
    );
    // The next page is better off with the new receipt; a service that is away is not waited for.
    const reload = () => {
      if (waiting()[0] && Date.now() < end) setTimeout(reload, 20);
      else location.reload();
    };
    setTimeout(reload);
  });
  if (decision) forgetRefused();
};
