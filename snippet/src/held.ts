/** What is held besides scripts: `<template data-purpose>`, and images, frames and embeds with `data-src`; also what comes later. */
import { mayAct, noteRelease, release, released, scans } from "./release.ts";

/** Releases it each time that held scripts are looked for, and looks whenever the page changes. */
export const startHolding = (): void => {
  scans.push(() => {
    for (const element of document.querySelectorAll<HTMLElement>("[data-purpose]:not(script)")) {
      const { src } = element.dataset;
      const content = (element as HTMLTemplateElement).content;
      // What waits for nothing is live from the first: the website's server wrote it so.
      if (released.has(element) || ((src || content) && !mayAct(element))) continue;
      // The rest of a template may still be on its way while the page is read. Seven characters are `loading`.
      if (content && !document.readyState[7]) continue;
      noteRelease(element);
      if (content) {
        // Those with an address start in their order, as in a page that is read, and not as each of them arrives.
        for (const script of content.querySelectorAll<HTMLScriptElement>("script:not([async])")) script.async = false;
        element.after(content);
      } else if (src) {
        element.setAttribute("src", src);
        // A frame that was there without an address may be given its old, empty page by a browser that loads a page again: put in anew it is
        // another one.
        element.after(element);
      }
    }
  });
  // A page that changes without loading brings new ones. Nothing is looked at twice between two of its steps.
  new MutationObserver(release).observe(document, { childList: true, subtree: true });
};
