/** The second layer: everything there is to know and to choose, in a modal dialog of the browser's own. */
import { chooseAll, chooseEach, type Manager } from "../manager.ts";
import { aboutAnswer } from "./about.ts";
import { button, h, host, textsOf } from "./element.ts";
import { purposeRow } from "./purpose.ts";

/** Returns the function that opens it. Closing it in any way but the three answers and the withdrawal changes nothing. */
export function createSecondLayer(manager: Manager): () => void {
  const { config } = manager;
  const text = textsOf(config);
  let isOpen = false;

  return () => {
    if (isOpen) return;
    isOpen = true;
    const rows = config.purposes.map((purpose) =>
      purposeRow(config, text, purpose, manager.decision()?.purposes[purpose.id] === true),
    );
    const title = h("h2", { id: "title", tabindex: "-1" }, text("title"));
    const dialog = h("dialog", { "aria-labelledby": "title" });
    const close = () => dialog.close();
    const answer = (label: string, act: () => void, kind = "answer") =>
      button(label, kind, () => {
        close();
        act();
      });
    const exit = button("", "exit", close);
    exit.setAttribute("aria-label", text("close"));
    dialog.append(
      h("header", {}, title, exit),
      h(
        "div",
        { class: "body" },
        h("p", {}, text("intro")),
        h("ul", { role: "list" }, ...rows.map(({ row }) => row)),
        aboutAnswer(manager, text, close),
      ),
      h(
        "footer",
        {},
        answer(
          text("save"),
          () => chooseEach(manager, Object.fromEntries(rows.map(({ id, isOn }) => [id, isOn()]))),
          "more",
        ),
        answer(text("accept_all"), () => chooseAll(manager, true)),
        answer(text("reject_all"), () => chooseAll(manager, false)),
      ),
    );
    const layer = host(config, {}, dialog);
    dialog.addEventListener("close", () => {
      isOpen = false;
      layer.remove();
    });
    // The backdrop belongs to the dialog itself; everything inside it is a child.
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    document.body.append(layer);
    dialog.showModal();
    title.focus();
  };
}
