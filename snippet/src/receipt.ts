/**
 * The receipt in the consent cookie (formats.md, 2 and 3), or nothing. What can not be read counts as no answer: asking twice is a
 * nuisance, assuming consent is a breach. The signature is not checked here: whoever runs script in this page could fake the check as well.
 */
import type { Answers } from "./config.ts";
import { isSubject } from "./subject.ts";

export interface Receipt {
  token: string;
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

// 68 bytes; the last character has two bits that must be zero.
const TOKEN = /^([\w-]+)\.[\w-]{90}[AEIMQUYcgkosw048]$/;

// Canonical JSON has its members in one order, so that one pattern says it all. The groups are what a full refusal does not have.
const PAYLOAD = new RegExp(
  '^{"exp":[0-9]+,' +
    '("gpc":(?:true|false),)?' +
    '"iat":[0-9]+,' +
    '("leaf":"[\\w-]{42}[AEIMQUYcgkosw048]","m":"(?:accept_all|custom|api)",)?' +
    '"p":{(?:"[a-z][a-z0-9_]{0,31}":(?:true|false),?)+},' +
    '"pol":"[\\w-]{21}[AQgw]",' +
    '("rec":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",)?' +
    '"rev":[1-9][0-9]*,' +
    '("rule":"[a-z0-9_.-]{1,64}",)?' +
    '"site":"[a-z0-9]{4,32}",' +
    '("sub":"[0-9A-Z]{21}",)?' +
    '"v":1}$',
);

/** True if anything at all is granted. */
export const grants = (answers: Answers | undefined): boolean => Object.values(answers ?? {}).includes(true);

/** The receipt that a token carries. Times and site are for `isCurrent` to compare. */
export function readReceipt(token: string): Receipt | undefined {
  try {
    const [, payload] = TOKEN.exec(token) as unknown as [string, string];
    const text = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    const receipt = JSON.parse(text);
    const members = (PAYLOAD.exec(text) as unknown as string[]).slice(1);
    const granted = grants(receipt.p);
    const ids = Object.keys(receipt.p);
    if (
      token.length <= 3800 &&
      // Repeated members, other spellings of a number and unused bits of base64url do not survive being written again.
      JSON.stringify(receipt) === text &&
      btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "") === payload &&
      `${ids}` === `${[...ids].sort()}` &&
      Number.isSafeInteger(receipt.rev) &&
      Number.isSafeInteger(receipt.exp) &&
      receipt.exp > receipt.iat &&
      members.every((member) => !member !== granted) &&
      (granted ? isSubject(receipt.sub) : receipt.iat % DAY === 0)
    )
      return { ...receipt, token };
  } catch {
    // Not a token.
  }
  return undefined;
}

/** True while the receipt counts for this site; now is in seconds. */
export const isCurrent = (receipt: Receipt, site: string, now: number): boolean =>
  receipt.site === site && receipt.iat <= now + SKEW && now < receipt.exp;

/** Copies with the newest first: a refusal, which only knows its day, counts as the day's end (formats.md, 4.1). */
export const newestFirst = (copies: Receipt[]): Receipt[] => {
  const order = (receipt: Receipt) => receipt.iat + (receipt.sub ? 0 : DAY - 1);
  return [...copies].sort((a, b) => order(b) - order(a) || (a.token < b.token ? 1 : -1));
};
