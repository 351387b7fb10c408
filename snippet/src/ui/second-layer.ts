/** The second layer: everything there is to know and to choose, in a modal dialog of the browser's own. */
import { Text } from "../config.ts";
import { listen } from "../guard.ts";
import { purposes, texts } from "../page.ts";
import { aboutAnswer } from "./about.ts";
import { Action } from "./action.ts";
import { type Content, h } from "./element.ts";
import { choices, root } from "./layers.ts";
import { purposeRow } from "./purpose.ts";

/** What fragments put under the introduction. */
export const settingsParts: (() => Content)[] = [];

/** The open dialog. */
export let dialog: HTMLDialogElement | undefined;

/** Opens it. Closing it in any way but the three answers and the withdrawal changes nothing. */
export const openSecondLayer = (): void => {
  // Opened once more it is made anew: in another language.
  dialog?.remove();
  const title = h("h2", { tabIndex: -1 }, texts[Text.title] as string);
  const opened = h(
    "dialog",
    // A click beside it closes it where the browser knows how.
    { ariaLabel: texts[Text.title], closedBy: "any" },
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
      ...settingsParts.map((part) => part()),
      ...purposes.map(purposeRow),
      ...aboutAnswer(),
    ],
    ["div", "choices", ...choices(Text.acceptAll, Action.save)],
  ) as HTMLDialogElement;
  dialog = opened;
  listen(opened, "close", () => {
    opened.remove();
    if (dialog === opened) dialog = undefined;
  });
  root.append(opened);
  opened.showModal();
  title.focus();
};
