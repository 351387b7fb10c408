/** A policy in several languages: the page's own decides, then the browser's; the texts come when another is wanted than the script's. */
import type { Config } from "../config.ts";
import type { Fragment } from "../fragment.ts";
import type { Made } from "../ui/element.ts";

const languages: Fragment = ({ state, more, at, settingsParts, speak, render, open }) => {
  const [, , own] = state();
  const known = more().languages ?? [];

  /** Takes the texts of a language out of its script. */
  const change = async (language: string) => {
    const script = await fetch(`${at("s")}/${language}.js`);
    speak(
      JSON.parse(
        (/\(\[2,.*?\}\](?=,\[)/s.exec(await script.text()) as unknown as string[])[0]?.slice(1) as string,
      ) as Config,
    );
  };

  settingsParts.push(() => [
    "p",
    0,
    ...known.map((language): Made => [
      "button",
      {
        lang: language,
        ariaCurrent: `${language === state()[2]}`,
        onclick: () =>
          change(language).then(
            () => {
              render();
              open();
            },
            () => {},
          ),
      },
      new Intl.DisplayNames(language, { type: "language" }).of(language) as string,
    ]),
  ]);

  // `en-GB` falls back to `en`; what the page says comes before what the browser likes.
  const wanted = [more().language ?? document.documentElement.lang, ...navigator.languages]
    .flatMap((tag) => [tag, tag.replace(/-.*/, "")])
    .find((tag) => known.includes(tag));
  if (wanted && wanted !== own) return change(wanted).catch(() => {});
  return undefined;
};

export default languages;
