/** The receipt's cookie: which names count here, reading every copy, writing one and removing the others (formats.md, 4). */
import type { Config } from "./config.ts";
import { isCurrent, type Receipt, readReceipt } from "./receipt.ts";

const MAX_COPIES = 8;

/** Loopback hosts over plain http are the only place where the name without a prefix counts. */
const isPlain = (at: Location): boolean =>
  at.protocol === "http:" && /^(localhost|.*\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i.test(at.hostname);

const names = (site: string, at: Location): string[] => {
  const plain = `askfirst-${site}`;
  return [`__Host-${plain}`, `__Secure-${plain}`, ...(isPlain(at) ? [plain] : [])];
};

/** The different values of this site's cookies in the order the browser gives them. */
export const cookieValues = (jar: string, site: string, at: Location): string[] => {
  const accepted = names(site, at);
  const values = jar.split(";").flatMap((pair) => {
    const text = pair.trim();
    const cut = text.indexOf("=");
    return accepted.includes(text.slice(0, cut)) ? [text.slice(cut + 1).replace(/^"(.*)"$/, "$1")] : [];
  });
  return [...new Set(values)];
};

/** The copies that can be read and are in force; none when there are more than an honest browser holds. */
export const readableCopies = (values: string[], site: string, now: number): Receipt[] =>
  values.length > MAX_COPIES
    ? []
    : values.flatMap((value) => {
        const receipt = readReceipt(value);
        return receipt && isCurrent(receipt, site, now) ? [receipt] : [];
      });

/** The page's cookies; a page that may have none has none. */
export const jar = (): string => {
  try {
    return document.cookie;
  } catch {
    return "";
  }
};

/** Sets one cookie; a page that may not set any goes on without. */
export const setCookie = (text: string): void => {
  try {
    document.cookie = text;
  } catch {
    // Nothing to do: the answer then counts for this page only.
  }
};

/** Every place from which this page can remove a cookie: no domain, the host and its parents; the path and its parents. */
const places = (): string[] => {
  const host = location.hostname.split(".");
  const domains = ["", ...host.map((_, i) => `;Domain=${host.slice(i).join(".")}`)];
  const steps = location.pathname.split("/").slice(1);
  const paths = new Set(["/"]);
  steps.forEach((_, i) => {
    const path = `/${steps.slice(0, i + 1).join("/")}`;
    paths.add(path).add(`${path}/`);
  });
  return domains.flatMap((domain) => [...paths].map((path) => `;Path=${path}${domain}`));
};

/** Removes a cookie wherever this page can reach it, partitioned or not. */
export const removeCookie = (name: string): void => {
  for (const place of places()) {
    for (const kind of ["", ";Secure", ";Secure;Partitioned"]) setCookie(`${name}=;Max-Age=0${place}${kind}`);
  }
};

/** Removes every copy of the receipt that this page can reach. */
export const removeReceipt = (config: Config): void => {
  const present = jar();
  for (const name of names(config.site, location)) if (present.includes(`${name}=`)) removeCookie(name);
};

/** Writes the receipt as the only copy. */
export const writeReceipt = (config: Config, receipt: Receipt, now: number): void => {
  const plain = isPlain(location);
  const host = `.${location.hostname}`;
  const shared = !plain && config.shared && host.endsWith(`.${config.shared}`) ? config.shared : "";
  const name = names(config.site, location)[plain ? 2 : shared ? 1 : 0];
  removeReceipt(config);
  setCookie(
    `${name}=${receipt.token};Path=/;Max-Age=${receipt.exp - Math.floor(now)};SameSite=Lax` +
      (plain ? "" : ";Secure") +
      (shared && `;Domain=${shared}`) +
      (!plain && config.partitioned ? ";Partitioned" : ""),
  );
};
