/**
 * Reads receipts as strictly as servers do (formats.md, 2 and 3), written again beside the SDK's reader so that one can be held against the
 * other. The signature is checked elsewhere. The snippet has a shorter reader of its own: it looks at what a page has a use for.
 */

export interface StrictReceipt {
  v: 1 | 2;
  site: string;
  sub?: string;
  rec?: string;
  leaf?: string;
  pol: string;
  rev: number;
  p: Record<string, boolean>;
  m?: string;
  gpc?: boolean;
  iat: number;
  exp: number;
  rule?: string;
}

const DAY = 86_400;
const MOST = 3800;

// 68 bytes; the last character has two bits that must be zero.
const TOKEN = /^([\w-]+)\.[\w-]{90}[AEIMQUYcgkosw048]$/;

// Canonical JSON has its members in one order, so that one pattern says it all. The groups are what a full refusal does not have.
const PAYLOAD = new RegExp(
  '^{"exp":[0-9]+,' +
    '("gpc":(?:true|false),)?' +
    '"iat":[0-9]+,' +
    '("leaf":"[\\w-]{42}[AEIMQUYcgkosw048]","m":"(?:accept_all|custom|api|signal)",)?' +
    '"p":{(?:"[a-z][a-z0-9_]{0,31}":(?:true|false),?)+},' +
    '"pol":"[\\w-]{21}[AQgw]",' +
    '("rec":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",)?' +
    '"rev":[1-9][0-9]*,' +
    '("rule":"[a-z0-9_.-]{1,64}",)?' +
    '"site":"[a-z0-9]{4,32}",' +
    '("sub":"[0-9A-Z]{21}",)?' +
    '"v":[12]}$',
);

/** True for 21 characters of the alphabet of which the last one fits the others (formats.md, 1.1). */
export const isSubject = (text: string): boolean => {
  let sum = 0;
  for (const character of [...text.slice(20), ...text.slice(0, 20)].reverse()) {
    const value = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(character);
    if (value < 0) return false;
    // The weighted sum with the check character itself in it, by Horner's rule over GF(32), is zero.
    sum = (sum << 1) ^ (sum & 16 ? 37 : 0) ^ value;
  }
  return text.length === 21 && !sum;
};

/** The receipt that a token carries, or nothing for every other text. Site and times are for the caller to compare. */
export const readStrictly = (token: string): StrictReceipt | undefined => {
  const payload = token.length <= MOST ? TOKEN.exec(token)?.[1] : undefined;
  if (payload === undefined) return undefined;
  try {
    const text = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    const found = PAYLOAD.exec(text)?.slice(1);
    const receipt: StrictReceipt = JSON.parse(text);
    const ids = Object.keys(receipt.p);
    const granted = Object.values(receipt.p).includes(true);
    const right =
      found?.every((member) => !member !== granted) &&
      // Repeated members, other spellings of a number and unused bits of base64url do not survive being written again.
      JSON.stringify(receipt) === text &&
      btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "") === payload &&
      `${ids}` === `${[...ids].sort()}` &&
      [receipt.rev, receipt.iat, receipt.exp].every(Number.isSafeInteger) &&
      receipt.exp > receipt.iat &&
      // A signal alone has version 2, and nothing else has.
      (receipt.m === "signal") === (receipt.v === 2) &&
      (receipt.v === 1 || receipt.gpc === true) &&
      (granted ? isSubject(receipt.sub as string) : receipt.iat % DAY === 0);
    return right ? receipt : undefined;
  } catch {
    return undefined; // no base64, or no JSON
  }
};
