/** Everything that needs a browser, with the fragments that a policy uses in the order in which the service joins them. */
import boot from "../boot.ts";
import type { Config } from "../config.ts";
import type { Fragment } from "../fragment.ts";
import clarity from "../fragments/clarity.ts";
import dialog from "../fragments/dialog.ts";
import embeds from "../fragments/embeds.ts";
import google from "../fragments/google.ts";
import gpc from "../fragments/gpc.ts";
import languages from "../fragments/languages.ts";
import marks from "../fragments/marks.ts";
import matomo from "../fragments/matomo.ts";
import microsoftUet from "../fragments/microsoft_uet.ts";
import regions from "../fragments/regions.ts";
import settings from "../fragments/settings.ts";

const told = { google, microsoft_uet: microsoftUet, clarity, matomo, marks, embeds };

/** Runs the snippet with this policy. */
export const run = (config: Config): void => {
  const [, , , , , , , , , { layout, rules, gpc: tied, languages: known, parts = {} }] = config;
  const used: (Fragment | false | undefined)[] = [
    layout === "dialog" && dialog,
    rules && regions,
    tied && gpc,
    known && languages,
    ...Object.entries(told).map(([name, fragment]) => name in parts && fragment),
    settings,
  ];
  boot(
    config,
    used.filter((one): one is Fragment => !!one),
  );
};
