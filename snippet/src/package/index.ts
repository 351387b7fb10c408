/**
 * The snippet as a package, for websites that bundle their scripts: the same code, started by the page's own. It may be imported where there is
 * no browser; the code that needs one is loaded by `start`.
 */
import type { Askfirst } from "../api.ts";
import type { Config } from "../config.ts";

export type { Askfirst } from "../api.ts";
export type { Answers, Config } from "../config.ts";
export type { Decision } from "../decision.ts";

/** Where the policy comes from: the service's address without a final slash, the site's key, and a language of the policy. */
export interface Source {
  service: string;
  site: string;
  language?: string;
}

/** The policy in a site's script (`/s/KEY.js`), to be kept at build time. Throws where there is none that this version reads. */
export const configOf = (script: string): Config => {
  const [found] = /(?<=\)\()\[3,.*?\}\](?=,\[)/s.exec(script) ?? [];
  if (!found) throw new Error("this is not the script of a site, or not of this version's service");
  return JSON.parse(found) as Config;
};

const fetched = async ({ service, site, language }: Source): Promise<Config> => {
  const response = await fetch(`${service}/s/${site}${language ? `/${language}` : ""}.js`);
  if (!response.ok) throw new Error(`the service has no script for site ${site}: ${response.status}`);
  return configOf(await response.text());
};

/**
 * Starts it on this page, with the policy as it is now or with one that was kept, and resolves to what `window.askfirst` is from then on.
 * Rejects where the policy can not be had or read; then nothing optional runs. A second call changes nothing.
 */
export const start = async (from: Source | { config: Config }): Promise<Askfirst> => {
  if (typeof document === "undefined") throw new Error("there is no page here");
  const [{ run }, config] = await Promise.all([import("./run.ts"), "config" in from ? from.config : fetched(from)]);
  // A page that is only being prepared has no visitor yet, and nothing starts in it (boot.ts).
  if ((document as { prerendering?: boolean }).prerendering)
    await new Promise((shown) => document.addEventListener("prerenderingchange", shown, { once: true }));
  run(config);
  if (!window.askfirst) throw new Error("this page or this policy can not be used; the console says why");
  return window.askfirst;
};
