/**
 * The receipt in the consent cookie (formats.md, 2 and 3), or nothing. What can not be read counts as no answer: asking twice is a
 * nuisance, assuming consent is a breach. The signature is not checked here, nor the form of members that a page has no use for: whoever
 * runs script in this page could fake the check as well, and servers check them all.
 */
import type { Answers } from "./config.ts";

export interface Receipt {
  token: string;
  v: number;
  site: string;
  sub?: string;
  rev: number;
  p: Answers;
  gpc?: boolean;
  iat: number;
  exp: number;
}

const DAY = 86_400;
const SKEW = 300;

/** True if anything at all is granted. */
export const grants = (answers: Answers): boolean => Object.values(answers).includes(true);

/** The receipt that a token carries, if it is in force for this site; now is in seconds. */
export const readReceipt = (token: string, site: string, now: number): Receipt | undefined => {
  try {
    // No longer than 3,800 characters, with 68 bytes of signature.
    const [, payload] = /^([\w-]{9,3708})\.[\w-]{91}$/.exec(token) as unknown as [string, string];
    const receipt: Receipt = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    const { v, p, sub, iat, exp } = receipt;
    if (
      v < 3 &&
      receipt.site === site &&
      iat <= now + SKEW &&
      now < exp &&
      (grants(p) ? /^\w{21}$/.test(sub as string) : !sub && iat % DAY === 0)
    )
      // A signal that left other grants standing (version 2) is no choice of the visitor's.
      return { ...receipt, token, gpc: v < 2 && receipt.gpc === true };
  } catch {
    // Not a token.
  }
  return undefined;
};

/** The order of copies with the newest first: a refusal, which only knows its day, counts as the day's end (formats.md, 4.1). */
export const byAge = (a: Receipt, b: Receipt): number => {
  const order = ({ iat, sub }: Receipt) => iat + (sub ? 0 : DAY - 1);
  return order(b) - order(a) || (a.token < b.token ? 1 : -1);
};
