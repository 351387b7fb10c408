/**
 * What fragments build on: the parts that only some sites need, joined by the service where a policy uses them. They are built apart from
 * the core, so the names here are a contract with them.
 */
import { warn } from "./guard.ts";
import { allows, config, decision, onAct, signal } from "./page.ts";

/** Handed to every fragment before anything is released. */
export const fragmentApi = {
  /** What the service says to a fragment, by its name. */
  settings: <T = string>(part: string): T => config.parts?.[part] as T,
  config: () => config,
  decision: () => decision,
  /** True while the browser sends Global Privacy Control. */
  gpc: signal,
  allows,
  onAct,
  warn,
};

export type FragmentApi = typeof fragmentApi;
