/**
 * Google Consent Mode v2: everything denied before any tag, what was answered as an update, then an event for tag managers.
 * Tags read `dataLayer` in its order, so what is pushed here stands before what a tag that is started later pushes.
 */
import type { FragmentApi } from "../fragment.ts";

interface Settings {
  types: Record<string, string | null>;
  wait: number;
  event: string;
  set?: Record<string, boolean>;
  regions?: { region: string[]; purposes: string[]; since: string; until: string | null }[];
}

export default ({ $settings, $decision, $allows, $gpc, $onAct }: FragmentApi): void => {
  const { types, wait, event, set, regions = [] } = $settings<Settings>("google");
  // Looked up each time: a page may put a list of its own in the place of the one that was there.
  const layer = () => ((window as { dataLayer?: unknown[] }).dataLayer ??= []);
  // Google tells its commands from other entries by their being an `arguments` object.
  function gtag(..._command: unknown[]) {
    layer().push(arguments);
  }
  const state = (granted: (purpose: string) => boolean): Record<string, unknown> => {
    const told: Record<string, unknown> = {};
    for (const type in types) told[type] = types[type] && granted(types[type]) ? "granted" : "denied";
    return told;
  };
  const necessary = (purpose: string) => purpose === "necessary";
  const update = () => {
    gtag("consent", "update", state($allows));
    layer().push({ event, askfirst: { ...$decision()?.purposes } });
  };

  // The stub may have said it before. An entry may be anything, nothing too.
  if (!layer().some((entry) => (entry as string[])?.[0] === "consent" && (entry as string[])[1] === "default")) {
    // A narrower region wins over a wider one, whatever the order (Google's documentation).
    const today = new Date().toISOString();
    for (const { region, purposes, since, until } of regions)
      if (!$gpc() && since <= today && (!until || today < until))
        gtag("consent", "default", {
          ...state((purpose) => necessary(purpose) || purposes.includes(purpose)),
          region,
          wait_for_update: wait,
        });
    gtag("consent", "default", { ...state(necessary), wait_for_update: wait });
  }
  for (const option in set) gtag("set", option, set[option]);
  // Without an answer there may be something that runs until it is refused.
  if ($decision() || JSON.stringify(state($allows)) !== JSON.stringify(state(necessary))) update();
  $onAct(update);
};
