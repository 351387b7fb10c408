/** The second layer: everything there is to know and to choose, in a modal dialog of the browser's own. */
import type { Answers } from "../config.ts";
import { listen } from "../guard.ts";
import { answer, answerAll, config } from "../page.ts";
import { aboutAnswer } from "./about.ts";
import { button, h, host, set, text } from "./element.ts";
import { purposeRow } from "./purpose.ts";

/** True while it is open. */
export let isOpen = false;

/** Opens it. Closing it in any way but the three answers and the withdrawal changes nothing. */
export function openSecondLayer(): void {
  if (isOpen) return;
  isOpen = true;
  const answers: Answers = {};
  const title = set(h("h2", text("title")), { id: "title", tabindex: "-1" });
  const dialog = set(h("dialog"), { "aria-labelledby": "title" }) as HTMLDialogElement;
  const layer = host({}, dialog);
  const close = () => dialog.close();
  const closing = (label: string, kind: string, act: () => void) =>
    button(label, kind, () => {
      close();
      act();
    });
  dialog.append(
    h(
      "header",
      title,
      set(
        closing("", "exit", () => {}),
        { "aria-label": text("close") },
      ),
    ),
    h(
      "div.body",
      h("p", text("intro")),
      set(
        h(
          "ul",
          ...config.purposes.map((purpose) =>
            purposeRow(purpose, (on) => {
              answers[purpose.id] = on && !purpose.necessary;
            }),
          ),
        ),
        { role: "list" },
      ),
      aboutAnswer(close),
    ),
    h(
      "footer",
      closing(text("accept_all"), "answer", () => answerAll(true)),
      closing(text("reject_all"), "answer", () => answerAll(false)),
      closing(text("save"), "save", () => answer(answers, "custom")),
    ),
  );
  listen(dialog, "close", () => {
    isOpen = false;
    layer.remove();
  });
  // The backdrop belongs to the dialog itself; everything inside it is a child.
  listen(dialog, "click", ({ target }) => target === dialog && close());
  document.body.append(layer);
  dialog.showModal();
  title.focus();
}
