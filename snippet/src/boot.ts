/** Puts the parts together on one page: the function that the service's site script calls. */
import { type Askfirst, createApi } from "./api.ts";
import type { Config } from "./config.ts";
import { deliver } from "./delivery.ts";
import { type Fragment, fragmentApi, open, prepare } from "./fragment.ts";
import { listen, safely, warn } from "./guard.ts";
import { startHolding } from "./held.ts";
import { at, decision, more, openPage } from "./page.ts";
import { startReleasing } from "./release.ts";
import { startStopping } from "./stop.ts";
import { startSync } from "./sync.ts";
import { bar, startLayers, update } from "./ui/layers.ts";
import { startFetching } from "./wanted.ts";

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
  // What is waited for may come after all.
  if (bar) return;
  if (document.body) {
    startLayers(open, prepare);
    listen(window, "online", deliver);
    deliver();
  } else requestAnimationFrame(() => safely(show));
};

const start = (given: Config, fragments: Fragment[]): void => {
  const { allows, q, language, region } = window.askfirst ?? {};
  // A second copy does nothing: two would ask twice and release twice.
  if (allows && !q) return;
  openPage(given, update, deliver);
  Object.assign(more, { language, region });
  window.askfirst = createApi(open);
  const awaited: unknown[] = [];
  for (const fragment of fragments) safely(() => awaited.push(fragment(fragmentApi)));
  startHolding();
  startFetching();
  startStopping();
  startReleasing();
  startSync();

  // A cookie that script wrote lives for seven days in some browsers; a mount writes it anew, once in a visit.
  if (more.mount && decision && !document.referrer.startsWith(origin))
    fetch(at("renew"), { method: "POST" }).catch(() => {});
  listen(document, "click", (event: MouseEvent) => {
    // The path goes through the page's open shadow roots.
    if (!event.composedPath().some((place) => (place as HTMLElement).dataset?.["askfirst"] === "open")) return;
    event.preventDefault();
    open();
  });
  const ready = () => safely(show);
  Promise.all(awaited).then(ready, ready);
  setTimeout(ready, PATIENCE);
};

const begin = (given: Config | null, fragments: Fragment[]): void => {
  // Receipts need a cookie that only secure pages can have (formats.md, 4).
  if (!given?.[9] || ![2, 3].includes(given[0]) || !isSecureContext) {
    warn("needs https and a policy that this build can read");
    return;
  }
  const run = () => start(given, fragments);
  // A page that is only being prepared has no visitor yet.
  if ((document as { prerendering?: boolean }).prerendering) listen(document, "prerenderingchange", run);
  else safely(run);
};

/**
 * Runs the snippet. Nothing is thrown to the page; what can not be used is told in one console line, and then nothing optional runs.
 * Code that is loaded by its own name has no policy in it: its last fragment fetches it (fragments/pinned.ts).
 */
export default (given: Config | null, fragments: Fragment[] = []): void => {
  const last = given ? undefined : fragments.pop();
  if (last) last(fragmentApi, (told) => begin(told, fragments));
  else begin(given, fragments);
};
