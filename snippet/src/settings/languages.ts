/** The languages of the policy, each by its own name; the texts come when another is wanted. */
import type { FragmentApi } from "../fragment.ts";
import type { Content, Made } from "../ui/element.ts";

export const languageButtons = ({ $state, $more, $tell, $render }: FragmentApi): Content => {
  const known = $more().languages ?? [];
  return known[0]
    ? [
        "p",
        0,
        ...known.map((language): Made => [
          "button",
          {
            lang: language,
            ariaCurrent: `${language === $state()[2]}`,
            // The dialog follows what is rendered.
            onclick: () => $tell(language).then($render, () => {}),
          },
          new Intl.DisplayNames(language, { type: "language" }).of(language) as string,
        ]),
      ]
    : "";
};
