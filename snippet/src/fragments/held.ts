/** What is held besides scripts: `<template data-purpose>`, and images, frames and embeds with `data-src`; also what comes later. */
import type { Fragment } from "../fragment.ts";

const held: Fragment = ({ scans, release, allows, noteUse }) => {
  const seen = new WeakSet<Element>();

  scans.push(() => {
    for (const element of document.querySelectorAll<HTMLElement>("[data-purpose]:not(script)")) {
      const { purpose, src } = element.dataset as { purpose: string; src?: string };
      const needs = purpose.split(" ");
      const content = (element as HTMLTemplateElement).content;
      // What waits for nothing is live from the first: the website's server wrote it so.
      if (seen.has(element) || ((src || content) && !needs.every(allows))) continue;
      seen.add(element);
      noteUse(...needs);
      if (content) element.after(content.cloneNode(true));
      else if (src) element.setAttribute("src", src);
    }
  });
  // A page that changes without loading brings new ones. Nothing is looked at twice between two of its steps.
  new MutationObserver(release).observe(document, { childList: true, subtree: true });
};

export default held;
