/** The receipt's cookie: reading every copy, writing one and removing the others (formats.md, 4). */
import { isCurrent, type Receipt, readReceipt } from "./receipt.ts";

const MAX_COPIES = 8;

/** The different values of this site's cookies in the order sent. The name without a prefix counts on plain loopback hosts only. */
export const cookieValues = (jar: string, site: string, plain: boolean): string[] => {
  const name = new RegExp(`^(__Host-|__Secure-)?askfirst-${site}=("?)(.*)\\2$`);
  return [
    ...new Set(
      jar.split(";").flatMap((pair) => {
        const found = name.exec(pair.trim());
        return found && (found[1] || plain) ? [found[3] as string] : [];
      }),
    ),
  ];
};

/** The copies that can be read and are in force; none when there are more than an honest browser holds. */
export const readableCopies = (values: string[], site: string, now: number): Receipt[] =>
  values.length > MAX_COPIES
    ? []
    : values.map(readReceipt).filter((receipt): receipt is Receipt => !!receipt && isCurrent(receipt, site, now));

/** The page's cookies; a page that may have none has none. */
export const jar = (): string => {
  try {
    return document.cookie;
  } catch {
    return "";
  }
};

const set = (text: string): void => {
  try {
    document.cookie = text;
  } catch {
    // The answer then counts for this page only.
  }
};

/** A secure page on plain http is on a loopback host: nothing else is secure there. */
export const isPlain = (): boolean => location.protocol === "http:";

/** Removes a cookie from every path and domain that this page can reach, partitioned or not. */
export const removeCookie = (name: string): void => {
  const starts = (text: string, by: string) => text.split(by).map((_, i, parts) => parts.slice(0, i + 1).join(by));
  const ends = (text: string, by: string) => text.split(by).map((_, i, parts) => parts.slice(i).join(by));
  for (const path of starts(location.pathname, "/").flatMap((path) => [path, `${path}/`]))
    for (const domain of ["", ...ends(location.hostname, ".").map((host) => `;Domain=${host}`)])
      for (const kind of ["", ";Secure", ";Secure;Partitioned"]) set(`${name}=;Max-Age=0;Path=${path}${domain}${kind}`);
};

/** Removes every copy of the receipt that this page can reach. */
export const removeReceipt = (site: string): void => {
  for (const prefix of ["__Host-", "__Secure-", ""]) {
    const name = `${prefix}askfirst-${site}`;
    if (jar().includes(`${name}=`)) removeCookie(name);
  }
};

/** Writes the receipt as the only copy; says whether the browser kept it. `shared` is the domain whose hosts share the answer. */
export const writeReceipt = (receipt: Receipt, shared: string | null, partitioned: boolean, now: number): boolean => {
  const plain = isPlain();
  const domain = !plain && shared && `.${location.hostname}`.endsWith(`.${shared}`) ? `;Domain=${shared}` : "";
  removeReceipt(receipt.site);
  set(
    `${plain ? "" : domain ? "__Secure-" : "__Host-"}askfirst-${receipt.site}=${receipt.token};Path=/;SameSite=Lax` +
      `;Max-Age=${receipt.exp - Math.floor(now)}${domain}` +
      (plain ? "" : `;Secure${partitioned ? ";Partitioned" : ""}`),
  );
  return jar().includes(receipt.token);
};
