/** What the visitor's answer is now, out of the receipts in the browser and the answers on their way: pure. */
import { type Answers, type Config, optional } from "./config.ts";
import type { Waiting } from "./queue.ts";
import { newest, type Receipt } from "./receipt.ts";

export interface Decision {
  /** Every optional purpose: what it may do in this browser now. */
  purposes: Answers;
  /** When it was given, ms. */
  at: number;
  /** True if only the day is known, as after a full refusal. */
  day: boolean;
  /** The subject; a full refusal has none. */
  subject?: string;
}

/**
 * The present decision, or null if the visitor is to be asked. Every copy can only take away; an answer on its way counts as the newest
 * unless a receipt came since; where the policy waits for the receipt, it can only take away as well. Global Privacy Control takes
 * away what it is tied to, unless the visitor granted it with the signal on.
 */
export function decide(config: Config, copies: Receipt[], queue: Waiting[], gpc: boolean): Decision | null {
  const valid = copies.filter((copy) => copy.rev >= config.revision);
  const top = newest(valid);
  const last = queue[queue.length - 1];
  const sent =
    last && last.revision >= config.revision && copies.every((copy) => last.held.includes(copy.token))
      ? last.request
      : undefined;
  if (!sent && !top) return null;
  const kept = (id: string): boolean => top !== undefined && valid.every((copy) => copy.p[id] === true);
  const chosen = sent ? sent.gpc : valid.every((copy) => copy.gpc);
  const purposes: Answers = {};
  for (const id of optional(config)) {
    const granted = sent ? sent.purposes[id] === true && (!config.wait || kept(id)) : kept(id);
    purposes[id] = granted && (chosen || !gpc || !config.gpc.includes(id));
  }
  return {
    purposes,
    at: sent ? sent.at : (top as Receipt).iat * 1000,
    day: !sent && !top?.sub,
    ...(top?.sub ? { subject: top.sub } : {}),
  };
}
