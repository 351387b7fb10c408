/** Held scripts: `<script type="text/plain" data-purpose="measurement">` start when every purpose they name is granted, in order, each once. */
import { listen, safely } from "./guard.ts";
import { allows, ids, onAct, uncommitted } from "./page.ts";

/** How long a script that does not come holds up the next one. */
const PATIENCE = 5000;

const used: unknown[] = [];
export const released = new WeakSet<Element>();

const scripts = (held: boolean) => [...document.scripts].filter(({ type }) => (type === "text/plain") === held);
const needs = (element: HTMLElement) => element.dataset.purpose?.match(/\S+/g);

/** True if every purpose that it names is granted; what names none is not ours, and neither true nor false. */
export const mayAct = (element: HTMLElement): boolean | undefined => needs(element)?.every(allows);

/** Remembers that something acted under these purposes. */
export const noteUse = (...given: unknown[]): unknown => used.push(...given);

/**
 * True if something acted in this page that may not any more: started here, asked for by the page's code, or live from the first. A name
 * that is no purpose is something else of the page's.
 */
export const actedAgainst = (): boolean =>
  ids.some((id) => !allows(id) && [used, ...scripts(false).map(needs)].flat(2).includes(id));

/** Remembers that it was released. */
export const noteRelease = (element: HTMLElement): void => {
  released.add(element);
  noteUse(needs(element));
};

/**
 * Starts one script: the same element, put in its place again, so that nonce, integrity and every other attribute stay and no text passes
 * through a Trusted Types sink. (A script of an unknown type was never started; inserting it anew starts it: HTML, 4.12.1.1.)
 */
const start = (script: HTMLScriptElement): Promise<unknown> =>
  new Promise((resolve) => {
    const end = () => setTimeout(resolve);
    noteRelease(script);
    script.type = script.dataset.type ?? "";
    listen(script, "load", end);
    listen(script, "error", end);
    script.after(script);
    // Nothing is heard of one that the browser passes over; nor, until patience ends, of one that was put in as HTML.
    if (script.matches("[async],[nomodule],:not([src])")) end();
    setTimeout(resolve, PATIENCE);
  });

/** Starts what is granted, one at a time and each after the one before it; a page may have taken some out meanwhile. */
const startAll = (): unknown => {
  const next = scripts(true).find(
    (held) =>
      !released.has(held) &&
      mayAct(held) &&
      // The website's server may have written the same script live.
      !scripts(false).some((live) => live.src && live.src === held.src && !released.has(live)),
  );
  return next && start(next).then(startAll);
};

/** What fragments do each time before held scripts are looked for. */
export const scans: (() => unknown)[] = [];

let turn: Promise<unknown> = Promise.resolve();

/** Starts what is granted, after what is being started already. */
export const release = (): void => {
  // What else acts on an answer is told of it first; then this is called again.
  if (uncommitted) return;
  scans.forEach(safely);
  turn = turn.then(startAll);
};

/** Does so now and after each answer. */
export const startReleasing = (): void => {
  onAct(release);
  // The snippet may come before the end of the page does.
  listen(document, "DOMContentLoaded", release);
  release();
};
