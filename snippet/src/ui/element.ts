/** Nodes made one by one: no HTML is ever parsed, so a strict policy for scripts, styles and Trusted Types has nothing to object to. */
import type { Config, TextKey } from "../config.ts";
import { safe } from "../guard.ts";
import css from "../style.css";

type Child = Node | string | false | null | undefined;

/** An element with attributes and children; what is false or empty is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | false | null | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** A button that says what it does. */
export const button = (label: string, kind: string, act: () => void): HTMLButtonElement => {
  const element = h("button", { type: "button", class: kind }, label);
  element.addEventListener("click", safe(act));
  return element;
};

/** The text for a key; a missing one is the key in words. */
export const textsOf =
  (config: Config) =>
  (key: TextKey): string =>
    config.texts?.[key] || key.replace(/_/g, " ");

let sheet: CSSStyleSheet | undefined;

/** An element of the page whose inside the page's own styles do not reach (DECISION.md says why it is built like this). */
export const host = (config: Config, attributes: Record<string, string>, ...inside: Node[]): HTMLDivElement => {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  const element = h("div", { lang: config.language, dir: config.dir, "data-nosnippet": "", ...attributes });
  const root = element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  root.append(...inside);
  return element;
};

/** Runs when the page has a body to show something in. */
export const whenBody = (run: () => void): void => {
  if (document.body) {
    run();
    return;
  }
  const observer = new MutationObserver(() => {
    if (!document.body) return;
    observer.disconnect();
    safe(run)();
  });
  observer.observe(document.documentElement, { childList: true });
};
