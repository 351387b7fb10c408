/** What a check found, as elements: one sentence, and each step with a mark and a word. */
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

/** Return the verdict on a document, with its steps in order: those that hold, the one that does not, and the rest. */
export const verdict = ({ failure, held }: Checked, said: Texts) => {
  const steps = ["form", "entry", "checkpoint", "receipt", "policy", "statement"];
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
  const sentence = failure ? (said.failures[failure] as string) : said.genuine;
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
