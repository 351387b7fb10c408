/**
 * What fragments build on: the parts that only some sites need, joined by the service where a policy uses them. They are built apart from
 * the core, so the names here are a contract with them.
 */
import { listen, warn } from "./guard.ts";
import {
  allows,
  at,
  choose,
  decision,
  follow,
  ids,
  language,
  more,
  onAct,
  purposes,
  service,
  signal,
  site,
  speak,
  texts,
} from "./page.ts";
import { noteUse, release, scans } from "./release.ts";
import { addStyle, h, inside } from "./ui/element.ts";
import { edgeParts, render } from "./ui/layers.ts";
import { openSecondLayer, settingsParts } from "./ui/second-layer.ts";

/** Handed to every fragment before anything is released. */
export const fragmentApi = {
  /** What the service says to a fragment, by its name. */
  settings: <T = string>(part: string): T => more.parts?.[part] as T,
  /** The policy in the language that is shown. */
  state: () => [site, service, language, texts, purposes, ids] as const,
  more: () => more,
  /** The address at which the service, or the site's own mount, does this. */
  at,
  decision: () => decision,
  /** True while the browser sends Global Privacy Control. */
  gpc: signal,
  allows,
  onAct,
  choose,
  follow,
  speak,
  /** Shows everything anew. */
  render,
  open: openSecondLayer,
  /** What is shown under the introduction of the second layer. */
  settingsParts,
  /** What is shown beside the control. */
  edgeParts,
  /** Looks for what is held, and for what each of `scans` is there for. */
  release,
  scans,
  noteUse,
  h,
  inside,
  addStyle,
  listen,
  warn,
};

export type FragmentApi = typeof fragmentApi;

/** A fragment. One that returns a promise is waited for before anything is shown. */
export type Fragment = (api: FragmentApi) => unknown;
