/** What the visitor's answer is now, out of the receipts in the browser and the answers on their way: pure. */
import type { Answers, Config } from "./config.ts";
import type { Waiting } from "./queue.ts";
import { newestFirst, type Receipt } from "./receipt.ts";

export interface Decision {
  /** Every optional purpose: what it may do in this browser now. */
  purposes: Answers;
  /** When it was given, ms. */
  at: number;
  /** The subject; a full refusal has none, and only knows its day. */
  sub?: string | undefined;
  /** True while the service has not confirmed it. */
  sent: boolean;
}

/**
 * The present decision, or nothing if the visitor is to be asked. Every copy can only take away. An answer on its way counts as the
 * newest unless a receipt came since; where the policy waits for the receipt, it can only take away as well. Global Privacy Control
 * takes away what it is tied to, unless the visitor granted it with the signal on.
 */
export function decide(config: Config, copies: Receipt[], queue: Waiting[], gpc: boolean): Decision | undefined {
  const valid = newestFirst(copies.filter((copy) => copy.rev === config.revision));
  const last = queue[queue.length - 1];
  const sent =
    last && last.rev === config.revision && copies.every((copy) => last.held.includes(copy.token)) && last.body;
  const newest = valid[0];
  if (!sent && !newest) return undefined;
  const purposes: Answers = {};
  for (const { id, necessary } of config.purposes) {
    if (necessary) continue;
    const kept = !!newest && valid.every((copy) => copy.p[id] === true);
    const granted = sent ? sent.purposes[id] === true && (kept || !config.wait) : kept;
    const aware = sent ? sent.gpc : valid.every((copy) => copy.gpc);
    purposes[id] = granted && (aware || !gpc || !config.gpc.includes(id));
  }
  return { purposes, at: sent ? sent.at : (newest as Receipt).iat * 1000, sub: newest?.sub, sent: !!sent };
}
