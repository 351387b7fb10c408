/** What the visitor's answer is now, out of the receipts in the browser and the answers on their way: pure. */
import type { Answers, More } from "./config.ts";
import type { Waiting } from "./queue.ts";
import type { Receipt } from "./receipt.ts";

/** The visitor's answer, as the page's own code is told it. */
export interface Decision {
  /** Every optional purpose: what it may do in this browser now. */
  purposes: Answers;
  /** When it was given, ms since 1970; the beginning of the day for a full refusal that was recorded. */
  at: number;
  /** The consent id (formats.md, 1.1); none after a full refusal and until the service has answered. */
  consentId?: string | undefined;
  /** The receipt, once there is one. */
  receipt?: string | undefined;
  /** True once the service has recorded it. */
  recorded: boolean;
}

/**
 * The present decision about these purposes, or nothing if the visitor is to be asked. Every copy can only take away; the newest is the
 * first. An answer on its way counts as the newest unless a receipt came since; where the policy waits for the receipt, it can only take
 * away as well. Global Privacy Control takes away what it is tied to, unless the visitor granted it with the signal on.
 */
export const decide = (
  ids: string[],
  revision: number,
  { wait, gpc }: Pick<More, "wait" | "gpc">,
  copies: Receipt[],
  queue: Waiting[],
  signal: boolean,
): Decision | undefined => {
  const valid = copies.filter(({ rev }) => rev === revision);
  const last = queue[queue.length - 1];
  const sent = last?.rev === revision && copies.every(({ token }) => last.held.includes(token)) && last.body;
  const [newest] = valid;
  if (!sent && !newest) return undefined;
  const purposes: Answers = {};
  for (const id of ids) {
    const kept = !!newest && valid.every(({ p }) => p[id] === true);
    purposes[id] =
      (sent ? sent.purposes[id] === true && (kept || !wait) : kept) &&
      (!signal || !gpc?.includes(id) || (sent ? [sent] : valid).every((given) => given.gpc === true));
  }
  return {
    purposes,
    at: sent ? sent.at : (newest as Receipt).iat * 1000,
    consentId: newest?.sub?.replace(/.{7}(?=.)/g, "$&-"),
    receipt: newest?.token,
    recorded: !sent,
  };
};
