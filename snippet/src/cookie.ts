/** The receipt's cookie: reading every copy, writing one and removing the others (formats.md, 4). */
import { byAge, type Receipt, readReceipt } from "./receipt.ts";

const MAX_COPIES = 8;
const HOST = "__Host-;SameSite=Lax;Secure";

/** A secure page on plain http is on a loopback host: nothing else is secure there. Five characters are `http:`. */
const isPlain = (): boolean => !location.protocol[5];

/** The receipts of a jar that are in force, newest first; none when it has more copies than an honest browser holds. */
export const readCopies = (jar: string, site: string, now: number, plain = isPlain()): Receipt[] => {
  // A name without a prefix counts on plain loopback hosts only.
  const name = new RegExp(`^(__Host-|__Secure-${plain ? "|" : ""})askfirst-${site}=("?)(.*)\\2$`);
  const values = new Set(jar.split(";").flatMap((pair) => name.exec(pair.trim())?.[3] ?? []));
  return values.size > MAX_COPIES
    ? []
    : [...values].flatMap((value) => readReceipt(value, site, now) ?? []).sort(byAge);
};

/** Writes a cookie, or returns the page's; where none are allowed there are none, and an answer counts for the page only. */
export const cookies = (text?: string): string => {
  try {
    return text ? (document.cookie = text) : document.cookie;
  } catch {
    return "";
  }
};

/**
 * Removes a cookie from every path and domain that this page can reach, partitioned or not. In a frame of another site browsers take a cookie that
 * says nothing of SameSite for a Lax one, and refuse it.
 */
export const removeCookie = (name: string): void => {
  for (let path = location.pathname; path; path = path.replace(/[^/]+$|.$/, "")) {
    // The last one is empty, which is this host alone.
    let domain = `.${location.hostname}`;
    do
      for (const kind of ["", ";Partitioned"])
        cookies(`${name}=;Max-Age=0;SameSite=None;Secure;Path=${path};Domain=${domain}${kind}`);
    while (domain !== (domain = domain.replace(/.[^.]*/, "")));
  }
};

/** Removes every copy of the receipt that this page can reach. */
export const removeReceipt = (site: string): void =>
  ["__Host-", "__Secure-", ""].forEach((prefix) => removeCookie(`${prefix}askfirst-${site}`));

/**
 * Writes the receipt as the only copy; says whether the browser kept it. `shared` has the prefix and the attributes of a cookie that other hosts of the
 * same site share, or that works in frames of other sites; where the browser does not take it from this host, it is this host's alone.
 */
export const writeReceipt = ({ site, token, exp }: Receipt, shared = HOST): boolean => {
  removeReceipt(site);
  return (isPlain() ? [";"] : [shared, HOST]).some((kind) => {
    cookies(kind.replace(";", `askfirst-${site}=${token};Path=/;Expires=${new Date(exp * 1000).toUTCString()};`));
    return cookies().includes(token);
  });
};
