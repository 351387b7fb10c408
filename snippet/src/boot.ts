/** Puts the parts together on one page: the function that the service's site script calls. */
import { type Askfirst, createApi } from "./api.ts";
import type { Config } from "./config.ts";
import { deliver } from "./delivery.ts";
import { type Fragment, fragmentApi } from "./fragment.ts";
import { listen, safely, warn } from "./guard.ts";
import { at, decision, more, openPage } from "./page.ts";
import { startReleasing } from "./release.ts";
import { startStopping } from "./stop.ts";
import { startSync } from "./sync.ts";
import { startLayers } from "./ui/layers.ts";
import { openSecondLayer } from "./ui/second-layer.ts";

declare global {
  interface Window {
    askfirst?: Askfirst & {
      /** Only the stub has one. */
      q?: unknown;
      language?: string;
      region?: string;
    };
  }
}

const PATIENCE = 3000;

/** Shows what there is to show; before the page has a body there is no place for it. */
const show = (): void => {
  if (!document.body) {
    requestAnimationFrame(() => safely(show));
    return;
  }
  startLayers();
  listen(window, "online", deliver);
  deliver();
};

const start = (given: Config, fragments: Fragment[]): void => {
  const { allows, q, language, region } = window.askfirst ?? {};
  // A second copy does nothing: two would ask twice and release twice.
  if (allows && !q) return;
  openPage(given);
  Object.assign(more, { language, region });
  window.askfirst = createApi(() => safely(openSecondLayer));
  const awaited: unknown[] = [];
  for (const fragment of fragments) safely(() => awaited.push(fragment(fragmentApi)));
  startStopping();
  startReleasing();
  startSync();

  // A cookie that script wrote lives for seven days in some browsers; a mount writes it anew, once in a visit.
  if (more.mount && decision && !document.referrer.startsWith(origin))
    fetch(at("renew"), { method: "POST" }).catch(() => {});
  listen(document, "click", (event: MouseEvent) => {
    if (!(event.target as Element).closest("[data-askfirst=open]")) return;
    event.preventDefault();
    openSecondLayer();
  });
  const ready = awaited.filter((one) => one);
  if (ready[0])
    Promise.race([Promise.all(ready), new Promise((late) => setTimeout(late, PATIENCE))]).then(
      () => safely(show),
      () => safely(show),
    );
  else show();
};

const begin = (given: Config | null, fragments: Fragment[]): void => {
  // Receipts need a cookie that only secure pages can have (formats.md, 4).
  if (given?.[0] !== 2 || !given[9] || !isSecureContext) {
    warn("needs https and a policy that this build can read");
    return;
  }
  const run = () => safely(() => start(given, fragments));
  // A page that is only being prepared has no visitor yet.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", run, { once: true });
  else run();
};

/**
 * Runs the snippet. Nothing is thrown to the page; what can not be used is told in one console line, and then nothing optional runs.
 * Code that is loaded by its own name has no policy in it: it is told where that is, and which digest it has.
 */
export default (given: Config | null, fragments: Fragment[] = []): void => {
  const { config, check } = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
  if (!given && config)
    fetch(config, { integrity: check as string })
      .then((answer) => answer.json())
      .then((told) => begin(told, fragments))
      .catch(warn);
  else begin(given, fragments);
};
