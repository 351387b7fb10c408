/** Fetches what few pages need: the list of cookies where the page has a place for it, and the developer's overlay where it is asked for. */
import type { Fragment } from "../fragment.ts";

declare const DECLARATION_FILE: string;
declare const DEBUG_FILE: string;

const later: Fragment = (api) => {
  let begun = false;
  // An import needs no sink of Trusted Types, and carries the nonce of the script that asks for it.
  const load = (file: string) =>
    import(`${api.state()[1]}/f/${file}.js`).then((module) => module.default(api)).catch(api.warn);

  api.scans.push(() => {
    if (begun || !document.querySelector("[data-askfirst=declaration]")) return;
    begun = true;
    load(DECLARATION_FILE);
  });
  if (/[?&]askfirst=debug\b/.test(location.search)) load(DEBUG_FILE);
};

export default later;
