/** Held scripts: `<script type="text/plain" data-purpose="measurement">` start when every purpose they name is granted, in order, each once. */
import { listen } from "./guard.ts";
import { allows, onAct } from "./page.ts";
import { yieldToPage } from "./paint.ts";

const started = new Set<HTMLScriptElement>();
const used = new Set<string>();

const marked = () => [...document.querySelectorAll<HTMLScriptElement>("script[data-purpose]")];
const purposes = (script: HTMLScriptElement) => (script.dataset.purpose as string).split(" ");
const isHeld = (script: HTMLScriptElement) => script.type === "text/plain";

/** Remembers that something acted under this purpose. */
export const noteUse = (purpose: string): unknown => used.add(purpose);

/** True if something acted in this page under this purpose: started here, asked for by the page's code, or live from the first. */
export const wasUsed = (purpose: string): boolean =>
  used.has(purpose) || marked().some((script) => !isHeld(script) && purposes(script).includes(purpose));

/**
 * Starts one script: the same element, put in its place again, so that nonce, integrity and every other attribute stay and no text passes
 * through a Trusted Types sink. (A script of an unknown type was never started; inserting it anew starts it: HTML, 4.12.1.1.)
 */
const start = (script: HTMLScriptElement): Promise<unknown> =>
  new Promise((resolve) => {
    started.add(script);
    purposes(script).forEach(noteUse);
    script.type = script.dataset.type ?? "";
    const free = script.async && script.hasAttribute("async");
    script.async = free;
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
    script.parentNode?.insertBefore(script, script.nextSibling);
    if (free || !script.src) resolve(0);
  });

/** Starts what is granted, now and after each answer, one at a time and each after the one before it. */
export function startReleasing(): void {
  let turn: Promise<unknown> = Promise.resolve();

  const next = async () => {
    for (const script of marked().filter(isHeld)) {
      const isLive = marked().some(
        (other) => script.src && other.src === script.src && !isHeld(other) && !started.has(other),
      );
      if (isLive || !purposes(script).every(allows)) continue;
      await start(script);
      await yieldToPage();
    }
  };
  const release = () => {
    turn = turn.then(next).catch(() => {});
  };

  onAct(release);
  // The snippet may come before the end of the page does.
  listen(document, "DOMContentLoaded", release);
  release();
}
