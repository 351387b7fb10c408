/** Held scripts: `<script type="text/plain" data-purpose="measurement">` start when every purpose they name is granted, in order, each once. */
import { safe } from "./guard.ts";
import type { Manager } from "./manager.ts";
import { yieldToPage } from "./paint.ts";

const HELD = 'script[type="text/plain"][data-purpose]';
const LIVE = 'script[data-purpose]:not([type="text/plain"])';

const scripts = (selector: string) => Array.from(document.querySelectorAll<HTMLScriptElement>(selector));
const purposes = (script: HTMLScriptElement) => (script.dataset.purpose ?? "").split(/\s+/).filter(Boolean);

const started = new WeakSet<HTMLScriptElement>();
const ran = new Set<string>();

/**
 * Starts one script: the same element, put in its place again, so that nonce, integrity and every other attribute stay and no text passes
 * through a Trusted Types sink. (A script of an unknown type was never started; inserting it anew is what starts it: HTML, 4.12.1.1.)
 */
const start = (script: HTMLScriptElement): Promise<unknown> =>
  new Promise((resolve) => {
    started.add(script);
    for (const purpose of purposes(script)) ran.add(purpose);
    const { type } = script.dataset;
    if (type) script.type = type;
    else script.removeAttribute("type");
    const isAsync = script.hasAttribute("async");
    if (!isAsync) script.async = false;
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
    script.parentNode?.insertBefore(script, script.nextSibling);
    if (isAsync || !script.src) resolve(0);
  });

/** True if something ran in this page under this purpose: released here, or already live when the page came. */
export const hasRun = (purpose: string): boolean =>
  ran.has(purpose) || scripts(LIVE).some((script) => purposes(script).includes(purpose));

/** Remembers that the page's own code was told that this purpose is granted. */
export const noteUse = (purpose: string): void => {
  ran.add(purpose);
};

/** Starts what is granted, now and after each answer. */
export function startReleasing(manager: Manager): void {
  let chain: Promise<unknown> = Promise.resolve();

  const next = async () => {
    for (const script of scripts(HELD)) {
      const names = purposes(script);
      const isLive = scripts(LIVE).some(
        (other) =>
          script.src &&
          other.src === script.src &&
          other.dataset.purpose === script.dataset.purpose &&
          !started.has(other),
      );
      if (!names.length || isLive || started.has(script) || !names.every(manager.allows)) continue;
      await start(script);
      await yieldToPage();
    }
  };
  const release = safe(() => {
    chain = chain.then(next).catch(() => {});
  });

  manager.acts.add(release);
  // The snippet may come before the end of the page does.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", release);
  release();
}
