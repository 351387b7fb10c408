/** Nodes made one by one: no HTML is ever parsed, so a strict policy for scripts, styles and Trusted Types has nothing to object to. */
import type { TextKey } from "../config.ts";
import { listen } from "../guard.ts";
import { config } from "../page.ts";
import css from "../style.css";

type Child = Node | string | false | null | undefined;

/** An element with children, of which empty ones are left out: `h("p.quiet", "words")`. */
export function h(tag: string, ...children: Child[]): HTMLElement {
  const [name, kind] = tag.split(".") as [string, string?];
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** The element with attributes. */
export const set = <E extends HTMLElement>(element: E, attributes: Record<string, string>): E => {
  for (const name in attributes) element.setAttribute(name, attributes[name] as string);
  return element;
};

/** The policy's text; a missing one is its key in words. */
export const text = (key: TextKey): string => config.texts?.[key] || key.replace(/_/g, " ");

/** A button that says what it does. */
export const button = (label: string, kind: string, act: () => void): HTMLElement => {
  const element = set(h(`button.${kind}`, label), { type: "button" });
  listen(element, "click", act);
  return element;
};

let sheet: CSSStyleSheet | undefined;

/** An element of the page whose inside the page's own styles do not reach (DECISION.md says why it is built like this). */
export const host = (attributes: Record<string, string>, ...inside: Node[]): HTMLElement => {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  const element = set(h("div"), { lang: config.language, dir: config.dir, "data-nosnippet": "", ...attributes });
  const root = element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  root.append(...inside);
  return element;
};
