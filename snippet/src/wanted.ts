/** What few pages want is fetched by them: the list of cookies where there is a place for it, placeholders, the developer's overlay. */
import { load } from "./fragment.ts";
import { warn } from "./guard.ts";
import { more } from "./page.ts";
import { scans } from "./release.ts";

declare const DECLARATION_FILE: string;
declare const DEBUG_FILE: string;
declare const EMBEDS_FILE: string;

const files: Record<string, string> = { "[data-askfirst=declaration]": DECLARATION_FILE };

export const startFetching = (): void => {
  // What is allowed has its address by now. The words of the placeholders are not here where their code is not.
  if (more.parts?.embeds === 1) files["[data-purpose][data-src]:not(script,[src])"] = EMBEDS_FILE;
  if (/[?&]askfirst=debug\b/.test(location.search)) files["*"] = DEBUG_FILE;

  scans.push(() => {
    for (const place in files)
      if (document.querySelector(place)) {
        load(files[place] as string).catch(warn);
        delete files[place];
      }
  });
};
