/**
 * The receipt in the consent cookie (formats.md, 2 and 3), or null. What can not be read counts as no answer: asking twice is a
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
const REFUSAL = "exp,iat,p,pol,rev,site,v";
const GRANT = "exp,gpc,iat,leaf,m,p,pol,rec,rev,rule,site,sub,v";

/** The one text of a flat value: members in order, nothing between them. Repeated members and other spellings do not survive it. */
const canonical = (value: unknown): string =>
  value && typeof value === "object"
    ? `{${Object.keys(value)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key])}`)
        .join()}}`
    : JSON.stringify(value);

/** The bytes of base64url text as a string, or null unless it is the one text of them. */
const decode = (text: unknown): string | null => {
  if (typeof text !== "string" || /[^\w-]/.test(text)) return null;
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  try {
    const bytes = atob(plain);
    return btoa(bytes).replace(/=+$/, "") === plain ? bytes : null;
  } catch {
    return null;
  }
};

const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const matches = (value: unknown, form: RegExp): boolean => typeof value === "string" && form.test(value);
const isBytes = (value: unknown, length: number): boolean => decode(value)?.length === length;

/** True if a copy grants anything at all. */
export const grants = (answers: Answers): boolean => Object.values(answers).includes(true);

/** The receipt that a token carries, or null. Times and site are the reader's to compare. */
export function readReceipt(token: unknown): Receipt | null {
  if (typeof token !== "string" || token.length > 3800) return null;
  const [payload, signature, ...more] = token.split(".");
  const text = decode(payload);
  if (!text || more.length || !isBytes(signature, 68)) return null;
  try {
    const r = JSON.parse(text);
    const members = Object.keys(r).sort().join();
    const answers = Object.entries(r.p);
    const some = grants(r.p);
    return canonical(r) === text &&
      r.v === 1 &&
      matches(r.site, /^[a-z0-9]{4,32}$/) &&
      isBytes(r.pol, 16) &&
      whole(r.rev) &&
      r.rev > 0 &&
      answers.length > 0 &&
      answers.every(([id, answer]) => /^[a-z][a-z0-9_]{0,31}$/.test(id) && typeof answer === "boolean") &&
      whole(r.iat) &&
      whole(r.exp) &&
      r.exp > r.iat &&
      (some
        ? members === GRANT &&
          isSubject(r.sub) &&
          isBytes(r.leaf, 32) &&
          matches(r.rec, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/) &&
          matches(r.m, /^(accept_all|custom|api)$/) &&
          typeof r.gpc === "boolean" &&
          matches(r.rule, /^[a-z0-9_.-]{1,64}$/)
        : members === REFUSAL && r.iat % DAY === 0)
      ? { ...r, token }
      : null;
  } catch {
    return null;
  }
}

/** True while the receipt counts for this site; now is in seconds. */
export const isCurrent = (receipt: Receipt, site: string, now: number): boolean =>
  receipt.site === site && receipt.iat <= now + SKEW && now < receipt.exp;

/** The time by which copies are ordered: a refusal, which only knows its day, counts as the day's end (formats.md, 4.1). */
const order = (receipt: Receipt): number => receipt.iat + (receipt.sub ? 0 : DAY - 1);

/** Of several copies the newest; ties go to the greater text, so that all readers agree. */
export const newest = (copies: Receipt[]): Receipt | undefined =>
  copies.reduce<Receipt | undefined>(
    (best, copy) =>
      !best || order(copy) > order(best) || (order(copy) === order(best) && copy.token > best.token) ? copy : best,
    undefined,
  );
