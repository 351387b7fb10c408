/**
 * The second layer: everything there is to know and to choose, in a modal dialog of the browser's own. It comes when it is wanted, or
 * with the rest where code and policy are pinned.
 */
import { Text } from "../config.ts";
import type { Fragment } from "../fragment.ts";
import { aboutAnswer } from "../settings/about.ts";
import { languageButtons } from "../settings/languages.ts";
import { purposeRow } from "../settings/purpose.ts";
import css from "../settings/style.css";
import { Action } from "../ui/action.ts";

const settings: Fragment = (api) => {
  const { $h, $listen, $choose, $allows } = api;
  let dialog: HTMLDialogElement | undefined;
  let about: HTMLElement | undefined;
  let spoken: string;
  api.$addStyle(css);

  const act = ({ target }: { target: HTMLButtonElement }) => {
    // No value is no number: what has none, like a button of a fragment, does nothing here.
    const value = parseInt(target.value);
    if (value === Action.copy)
      // Without a clipboard the words can still be selected.
      navigator.clipboard.writeText(target.previousSibling?.textContent as string).then(() => {
        target.textContent = api.$state()[3][Text.copied] as string;
      });
    else if (value >= 0) {
      if (value === Action.save) $choose((id) => (dialog?.querySelector(`[name=${id}]`) as HTMLInputElement).checked);
      dialog?.close();
    }
  };

  const aboutNow = (): HTMLElement => (about = $h("div", 0, ...aboutAnswer(api)));
  // The receipt of an answer that was on its way comes while it is open, another tab's answer, or another language.
  api.$edgeParts.push(() => {
    if (dialog && spoken !== api.$state()[2]) api.$open();
    else about?.replaceWith(aboutNow());
    return "";
  });

  // Closing it in any way but the three answers and the withdrawal changes nothing.
  api.$openWith(() => {
    // Asked for before the layers are there, it comes with them.
    if (!api.$root().firstChild) return void setTimeout(api.$open, 50);
    const [, , language, texts, purposes] = api.$state();
    spoken = language;
    // Opened once more it is made anew: in another language.
    dialog?.remove();
    const title = $h("h2", { tabIndex: -1 }, texts[Text.title] as string);
    const opened = $h(
      "dialog",
      // A click beside it closes it where the browser knows how.
      { className: "sheet", ariaLabel: texts[Text.title], closedBy: "any" },
      [
        "div",
        "line",
        title,
        ["button", { className: "exit", value: Action.close, ariaLabel: texts[Text.close] }, "\xd7"],
      ],
      [
        "div",
        "body",
        ["p", "row", texts[Text.intro] as string],
        languageButtons(api),
        ...api.$settingsParts.map((part) => part()),
        ...purposes.map((purpose) => purposeRow(texts, api.$more().switch ?? [], $allows, purpose)),
        aboutNow(),
      ],
      ["div", "choices", ...api.$choices(texts, Text.acceptAll, Action.save)],
    ) as HTMLDialogElement;
    dialog = opened;
    $listen(opened, "click", act);
    $listen(opened, "close", () => {
      opened.remove();
      if (dialog === opened) dialog = undefined;
      // What had the focus before may have been made anew meanwhile.
      if (document.activeElement === document.body) api.$root().querySelector<HTMLElement>(".pills button")?.focus();
    });
    api.$root().append(opened);
    opened.showModal();
    title.focus();
    return undefined;
  });
};

export default settings;
