/** What a check found, as elements: one sentence, and each step with a mark and a word. */
import { fill } from "./asked.ts";
import type { Checked } from "./document.ts";
import type { Texts } from "./texts.ts";

export type Child = Node | string;

/** Return a new element. */
export const element = (name: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** The steps of checking a document, in order. */
export const STEPS = ["form", "entry", "checkpoint", "receipt", "policy", "statement"];

/** Return the verdict on a document, with its steps in order: those that hold, the one that does not, and the rest. */
export const verdict = ({ difference, failure, held }: Checked, said: Texts, steps = STEPS) => {
  const lines = steps.map((step, at) => {
    const holds = held.includes(step);
    const mark = holds ? "✓" : at === held.length ? "✗" : "–";
    const state = holds ? said.holds : at === held.length ? said.failed : said.notLooked;
    const name = said.steps[step] as string;
    return element(
      "li",
      { class: holds ? "" : "bad" },
      element("span", { "aria-hidden": "true" }, mark),
      ` ${name}: ${state}`,
    );
  });
  const sentence = failure ? fill(said.failures[failure] as string, { ...difference }) : said.genuine;
  return element(
    "div",
    {
      class: failure ? "verdict bad" : "verdict",
      id: "verdict",
      role: failure ? "alert" : "status",
      "data-failure": failure ?? "",
    },
    element("p", { class: "said" }, element("span", { "aria-hidden": "true" }, failure ? "✗ " : "✓ "), sentence),
    element("ul", { class: "steps" }, ...lines),
  );
};
