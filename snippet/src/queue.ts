/**
 * Answers that the service has not confirmed yet, in order. They are the only thing besides the receipt that is ever stored, and they are
 * gone once delivered: two browsers that refused hold the same bytes.
 */
import type { Answers } from "./config.ts";

/** What is POSTed (formats.md, 6.1). It is not changed after the first try, so that a second one has the same bytes. */
export interface Request {
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
  receipt?: string;
}

/**
 * A waiting answer, the revision of the policy it answers, and the receipts that the browser held when it was given: any other receipt
 * found later is newer than it. Clocks are not asked, since a refusal's receipt only knows its day.
 */
export interface Waiting {
  request: Request;
  revision: number;
  held: string[];
}

const LONGEST = 30 * 86_400_000;

// Where storage is blocked or full the queue lives as long as the page.
let memory: Waiting[] = [];

const isWaiting = (item: Waiting): boolean =>
  typeof item?.request?.id === "string" &&
  typeof item.request.at === "number" &&
  !!item.request.purposes &&
  Array.isArray(item.held);

/** The waiting answers, oldest first. What can not be read, or is older than 30 days, is left out. */
export const waiting = (site: string, now = Date.now()): Waiting[] => {
  let items = memory;
  try {
    const stored = localStorage.getItem(`askfirst-${site}`);
    if (stored && !memory.length) items = JSON.parse(stored);
    return items.filter((item) => isWaiting(item) && now - item.request.at < LONGEST);
  } catch {
    return memory;
  }
};

/** Keeps these as the waiting answers. */
export const keep = (site: string, items: Waiting[]): void => {
  const key = `askfirst-${site}`;
  try {
    if (items.length) localStorage.setItem(key, JSON.stringify(items));
    else localStorage.removeItem(key);
    memory = [];
  } catch {
    memory = items;
  }
};
