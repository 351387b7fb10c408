/** A policy in several languages: the page's own decides, then the browser's; its texts are fetched where they are not the script's. */
import type { Fragment } from "../fragment.ts";

const languages: Fragment = ({ $state, $more, $tell, $render }) => {
  const known = $more().languages ?? [];
  // `en-GB` falls back to `en`, `zh-Hant-TW` to `zh-Hant`, in any case; what the page says comes before what the browser likes.
  const wanted = [$more().language ?? document.documentElement.lang, ...navigator.languages]
    .map((tag) =>
      known
        .filter((one) => RegExp(`^${one}\\b`, "i").test(tag))
        .sort()
        .pop(),
    )
    .find((one) => one);
  // What comes late is shown all the same: the record of an answer names it.
  return wanted && wanted !== $state()[2] && $tell(wanted).then($render, () => {});
};

export default languages;
