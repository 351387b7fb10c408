/** What fragments build on: the parts that only some sites need, joined by the service where a policy uses them. */
import { warn } from "./guard.ts";
import { allows, config, decision, onAct } from "./page.ts";

/** Handed to every fragment before anything is released. */
export const fragmentApi = {
  config: () => config,
  decision: () => decision,
  allows,
  onAct,
  warn,
};

export type FragmentApi = typeof fragmentApi;
