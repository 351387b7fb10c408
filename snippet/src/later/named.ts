/** What builds hand to the files that they fetch: members with short names; builds before these handed them under the long ones. */
import type { FragmentApi } from "../fragment.ts";
import names from "../short-names.json";

/** Returns it under the short names. */
export const named = (api: FragmentApi | Record<string, unknown>): FragmentApi =>
  ("state" in api
    ? Object.fromEntries(Object.entries(names).map(([long, short]) => [short, api[long.slice(1)]]))
    : api) as FragmentApi;
