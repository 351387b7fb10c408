/**
 * Answers that the service has not confirmed yet, in order. They are the only thing besides the receipt that is ever stored, and they are
 * gone once delivered: two browsers that refused hold the same bytes.
 */
import type { Answers } from "./config.ts";

/** What is POSTed (formats.md, 6.1). It is not changed after the first try, so that a second one has the same bytes. */
export interface Body {
  v: 1;
  id: string;
  policy: string;
  build: string;
  language: string;
  purposes: Answers;
  method: "accept_all" | "reject_all" | "custom" | "withdraw" | "signal";
  at: number;
  gpc: boolean;
  rule: string;
  receipt?: string | undefined;
}

/**
 * A waiting answer, the revision of the policy it answers, and the receipts that the browser held when it was given: any other receipt
 * found later is newer than it. Clocks are not asked, since a refusal's receipt only knows its day.
 */
export interface Waiting {
  body: Body;
  rev: number;
  held: string[];
}

const LONGEST = 30 * 86_400_000;

// Where storage is blocked or full the queue lives as long as the page.
let memory: Waiting[] = [];

/** The waiting answers, oldest first; what can not be read, or has waited for more than 30 days, is none. */
export const readQueue = (key: string): Waiting[] => {
  if (memory[0]) return memory;
  try {
    const items: Waiting[] = JSON.parse(localStorage[key] || "[]");
    return items.filter(({ body, held }) => Date.now() - body.at < LONGEST && body.purposes && held.map);
  } catch {
    return [];
  }
};

/** Keeps these as the waiting answers. */
export const writeQueue = (key: string, items: Waiting[]): void => {
  memory = [];
  try {
    if (items[0]) localStorage[key] = JSON.stringify(items);
    else delete localStorage[key];
  } catch {
    memory = items;
  }
};
