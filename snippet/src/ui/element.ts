/** Nodes made one by one: no HTML is ever parsed, so a strict policy for scripts, styles and Trusted Types has nothing to object to. */
import css from "../style.css";

/** What an element holds: words, nodes, and elements as the list of what `h` makes them of. */
export type Content = Node | string | Made;
export type Made = [tag: string, properties: string | 0 | Record<string, unknown>, ...content: Content[]];

/** An element with its class or its properties, and its content: `h("p", "quiet", "words", ["b", 0, "more"])`. */
export const h = (...[tag, properties, ...content]: Made): HTMLElement => {
  const element = document.createElement(tag);
  // Of all that may stand here only words can be trimmed, and only a list has `map`.
  if ((properties as string).trim) element.className = properties as string;
  else Object.assign(element, properties);
  element.append(...content.map((part) => ((part as Made).map ? h(...(part as Made)) : (part as Node))));
  return element;
};

const sheet = new CSSStyleSheet();
let rules = css;

/** Adds rules to those of all layers. */
export const addStyle = (more: string): void => {
  rules += more;
  // What the page can reach from outside (the host itself, and the plain elements shown through its slots) has to be important: inside a
  // shadow tree that wins over the page's own important rules. Where everything is, nothing changes among these.
  sheet.replaceSync(rules.replace(/(?<!})[;}]/g, "!important$&"));
};

/** The root inside an element of the page, where the page's own styles do not reach (DECISION.md says why it is built like this). */
export const inside = (host: HTMLElement): ShadowRoot => {
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  return root;
};
