/** Puts the parts together on one page: the function that the service's site script calls. */
import { type Askfirst, createApi } from "./api.ts";
import { type Config, isConfig } from "./config.ts";
import { startDelivery } from "./delivery.ts";
import { safe, warn } from "./guard.ts";
import { createManager, type Manager } from "./manager.ts";
import { startReleasing } from "./release.ts";
import { honourSignal } from "./signal.ts";
import { startStopping } from "./stop.ts";
import { startSync } from "./sync.ts";
import { createControl } from "./ui/control.ts";
import { textsOf, whenBody } from "./ui/element.ts";
import { createFirstLayer } from "./ui/first-layer.ts";
import { createSecondLayer } from "./ui/second-layer.ts";

/** A part that only some sites need; the service joins those that the site's policy uses. It is called before anything is released. */
export type Fragment = (manager: Manager) => void;

type Page = Window & { askfirst?: Askfirst };

const start = (config: Config, fragments: Fragment[]): void => {
  const page = window as Page;
  // A second copy does nothing: two would ask twice and release twice.
  if (typeof page.askfirst?.allows === "function") return;
  const manager = createManager(config);
  const openSettings = safe(() => whenBody(createSecondLayerOnce()));
  let open: (() => void) | undefined;
  const createSecondLayerOnce = () => {
    open ??= createSecondLayer(manager);
    return open;
  };

  page.askfirst = createApi(manager, openSettings);
  for (const fragment of fragments) safe(fragment)(manager);
  startStopping(manager);
  startReleasing(manager);
  startSync(manager);
  honourSignal(manager);

  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element && event.target.closest('[data-askfirst="open"]');
    if (!opener) return;
    event.preventDefault();
    openSettings();
  });

  whenBody(() => {
    const text = textsOf(config);
    const control = createControl(manager, openSettings);
    const firstLayer = createFirstLayer(manager, openSettings);
    const update = () => {
      if (manager.decision()) firstLayer.hide();
      else firstLayer.show();
      control.update();
    };
    manager.seen.add(update);
    update();
    startDelivery(manager, (outcome) => control.say(text(outcome)));
  });
};

/** Runs the snippet. Nothing is thrown to the page; what can not be used is told in one console line, and then nothing optional runs. */
export default safe((config: Config | null, fragments: Fragment[] = []) => {
  if (!isConfig(config)) {
    warn("this policy can not be read by this build, so nothing is asked and nothing optional runs");
    return;
  }
  const run = safe(() => start(config, fragments));
  // A page that is only being prepared has no visitor yet.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", run, { once: true });
  else run();
});
