/** Held scripts: `<script type="text/plain" data-purpose="measurement">` start when every purpose they name is granted, in order, each once. */
import { listen, safely } from "./guard.ts";
import { allows, onAct, uncommitted } from "./page.ts";

const used: string[] = [];

const scripts = (held: boolean) =>
  [...document.scripts].filter(
    (script) => (script.type === "text/plain") === held && (!held || script.dataset.purpose),
  );
const needs = (script: HTMLScriptElement) => script.dataset.purpose?.split(" ") ?? [];

/** Remembers that something acted under these purposes. */
export const noteUse = (...ids: string[]): unknown => used.push(...ids);

/** True if something acted in this page that may not any more: started here, asked for by the page's code, or live from the first. */
export const actedAgainst = (): boolean => ![...used, ...scripts(false).flatMap(needs)].every(allows);

/**
 * Starts one script: the same element, put in its place again, so that nonce, integrity and every other attribute stay and no text passes
 * through a Trusted Types sink. (A script of an unknown type was never started; inserting it anew starts it: HTML, 4.12.1.1.)
 */
const start = (script: HTMLScriptElement): Promise<unknown> =>
  new Promise((resolve) => {
    noteUse(...needs(script));
    script.type = script.dataset.type ?? "";
    script.async = script.hasAttribute("async");
    script.onload = script.onerror = resolve;
    script.after(script);
    if (script.async || !script.src) resolve(0);
  });

/** What fragments do each time before held scripts are looked for. */
export const scans: (() => unknown)[] = [];

let turn: Promise<unknown> = Promise.resolve();

/** Starts what is granted, one at a time and each after the one before it. */
export const release = (): void => {
  // What else acts on an answer is told of it first; then this is called again.
  if (uncommitted) return;
  scans.forEach(safely);
  turn = turn.then(async () => {
    for (const script of scripts(true))
      // The website's server may have written the same script live.
      if (needs(script).every(allows) && !scripts(false).some(({ src }) => src && src === script.src)) {
        await start(script);
        await new Promise((resolve) => setTimeout(resolve));
      }
  });
};

/** Does so now and after each answer. */
export const startReleasing = (): void => {
  onAct(release);
  // The snippet may come before the end of the page does.
  listen(document, "DOMContentLoaded", release);
  release();
};
