/**
 * What fragments build on: the parts that only some sites need, joined by the service where a policy uses them. They are built apart from
 * the core, so the names here are a contract with them.
 */
import type { Config } from "./config.ts";
import { listen, safely, warn } from "./guard.ts";
import {
  allows,
  anyAllowed,
  at,
  choose,
  decision,
  files,
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
  tell,
  texts,
} from "./page.ts";
import { noteUse, release, scans } from "./release.ts";
import { choices } from "./ui/action.ts";
import { addStyle, type Content, h, inside } from "./ui/element.ts";
import { root, say } from "./ui/host.ts";
import { edgeParts, modally, render } from "./ui/layers.ts";

declare const SETTINGS_FILE: string;

/** What fragments put under the introduction of the second layer. */
const settingsParts: (() => Content)[] = [];

/** Opens the second layer, once it is here. */
let second: (() => unknown) | undefined;

/** Fetches a part that few pages need. An import needs no sink of Trusted Types, and carries the nonce of the script that asks for it. */
export const load = async (name: string): Promise<void> => (await import(`${files}/f/${name}.js`)).default(fragmentApi);

let ready: Promise<unknown> | undefined;
/** What is said where that failed: it comes with the site's script, and not with the words, which may be here without the code. */
let failed: string | undefined;

/** Fetches the second layer and its words, once, and tells whether they are here; what failed is tried again the next time. */
export const prepare = (): Promise<unknown> => {
  failed ??= more.failed;
  return (ready ??= Promise.all([second ?? load(SETTINGS_FILE), tell()]).catch((error) => {
    ready = undefined;
    warn(error);
  }));
};

/** Opens the second layer, or says that it can not be had; the first one answers without it. */
export const open = async (): Promise<unknown> => {
  // What the stub was asked comes before the parts do, one of which may have it.
  await undefined;
  return (await prepare()) ? safely(second as () => unknown) : say(failed);
};

/** Handed to every fragment before anything is released. */
export const fragmentApi = {
  /** What the service says to a fragment, by its name. */
  $settings: <T = string>(part: string): T => more.parts?.[part] as T,
  /** The policy in the language that is shown. */
  $state: () => [site, service, language, texts, purposes, ids] as const,
  $more: () => more,
  /** The address at which the service, or the site's own mount, does this. */
  $at: at,
  $decision: () => decision,
  /** True while the browser sends Global Privacy Control. */
  $gpc: signal,
  $allows: allows,
  $anyAllowed: anyAllowed,
  $onAct: onAct,
  $choose: choose,
  $follow: follow,
  /** Takes a policy; fetches what is left out of it, or another language of it. */
  $speak: speak,
  $tell: tell,
  /** Fetches a part by the name of its file. */
  $load: load,
  /** Shows everything anew. */
  $render: render,
  $open: open,
  /** Takes what opens the second layer. */
  $openWith: (opens: () => unknown): void => {
    second = opens;
  },
  $settingsParts: settingsParts,
  $choices: choices,
  /** The root in which the layers are. */
  $root: () => root,
  /** What is shown beside the control. */
  $edgeParts: edgeParts,
  /** Looks for what is held, and for what each of `scans` is there for. */
  $release: release,
  $scans: scans,
  $noteUse: noteUse,
  $h: h,
  $inside: inside,
  $addStyle: addStyle,
  $listen: listen,
  $warn: warn,
  /** Takes what shows and closes the first layer, which is a dialog then. */
  $modally: modally,
};

export type FragmentApi = typeof fragmentApi;

/** A fragment. One that returns a promise is waited for before anything is shown. Only the one that fetches the policy is given what begins with it. */
export type Fragment = (api: FragmentApi, begin?: (told: Config | null) => void) => unknown;
