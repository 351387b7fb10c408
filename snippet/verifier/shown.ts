/** Holds what a record's page shows against what was proven: a server can not show other words than the ones that were signed. */
import { askedWords } from "./asked.ts";
import type { Checked } from "./document.ts";
import type { Difference } from "./policy.ts";

const MOST = 160;

/** Return the first thing that a page shows otherwise than it was signed, or leaves out; undefined where all is the same. */
export const firstDifference = ({ policy, proven }: Checked, page: ParentNode): Difference | undefined => {
  if (!policy || !proven) return undefined;
  const language = proven.what.language as string;
  const names = Object.fromEntries(policy.purposes.map(({ id, name }) => [id, name[language]]));
  const answers = Object.entries(proven.what.purposes as Record<string, boolean>);
  const signed = [
    ...answers.flatMap(([id, granted]) => [names[id] ?? id, granted ? "✓" : "✗"]),
    ...askedWords(policy, language),
  ];
  const shown = [...page.querySelectorAll("[data-signed]")].map(({ textContent }) => textContent ?? "");
  for (let at = 0; at < Math.max(signed.length, shown.length); at++) {
    const [one = "", other = ""] = [shown[at], signed[at]];
    if (one !== other) return { shown: one.slice(0, MOST) || "–", signed: other.slice(0, MOST) || "–" };
  }
  return undefined;
};
