/** Puts the parts together on one page: the function that the service's site script calls. */
import { type Askfirst, createApi } from "./api.ts";
import { type Config, isConfig } from "./config.ts";
import { startDelivery } from "./delivery.ts";
import { type FragmentApi, fragmentApi } from "./fragment.ts";
import { listen, safely, warn } from "./guard.ts";
import { choose, config, decision, onSight, openPage, signal } from "./page.ts";
import { startReleasing } from "./release.ts";
import { startStopping } from "./stop.ts";
import { startSync } from "./sync.ts";
import { createControl } from "./ui/control.ts";
import { text } from "./ui/element.ts";
import { createFirstLayer } from "./ui/first-layer.ts";
import { openSecondLayer } from "./ui/second-layer.ts";

declare global {
  interface Window {
    askfirst?: Askfirst;
  }
}

/** Shows what there is to show; before the page has a body there is no place for it. */
const show = (): void => {
  if (!document.body) {
    requestAnimationFrame(() => safely(show));
    return;
  }
  const firstLayer = createFirstLayer();
  const control = createControl();
  const update = () => {
    control.update();
    if (decision) firstLayer.remove();
    else if (!firstLayer.isConnected) {
      document.body.prepend(firstLayer);
      // In the top layer no z-index of the page's can hide it.
      firstLayer.showPopover?.();
    }
  };
  document.body.append(control.layer);
  onSight(update);
  update();
  startDelivery((outcome) => control.say(text(outcome)));
};

const start = (given: Config, fragments: ((api: FragmentApi) => void)[]): void => {
  // A second copy does nothing: two would ask twice and release twice.
  if (window.askfirst?.allows) return;
  openPage(given);
  window.askfirst = createApi(() => safely(openSecondLayer));
  for (const fragment of fragments) safely(() => fragment(fragmentApi));
  startStopping();
  startReleasing();
  startSync();

  // Global Privacy Control where it answers everything there is to ask: recorded once, as the refusal that it is. A signal that covers
  // less is no answer to the rest; until the visitor gives one nothing is allowed anyway.
  if (!decision && signal() && config.purposes.every(({ id, necessary }) => necessary || config.gpc.includes(id)))
    choose("signal", {});

  listen(document, "click", (event) => {
    if (!(event.target as Element).closest?.("[data-askfirst=open]")) return;
    event.preventDefault();
    openSecondLayer();
  });
  show();
};

/** Runs the snippet. Nothing is thrown to the page; what can not be used is told in one console line, and then nothing optional runs. */
export default (given: Config | null, fragments: ((api: FragmentApi) => void)[] = []): void => {
  // Receipts need a cookie that only secure pages can have (formats.md, 4).
  if (!isConfig(given) || !isSecureContext) {
    warn(given ? "needs https and a policy that this build can read" : "has no policy");
    return;
  }
  const run = () => safely(() => start(given, fragments));
  // A page that is only being prepared has no visitor yet.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", run, { once: true });
  else run();
};
