/** The first layer: the question, without taking the page away. */
import { chooseAll, type Manager } from "../manager.ts";
import { button, h, host, textsOf } from "./element.ts";

export interface FirstLayer {
  show(): void;
  hide(): void;
}

export function createFirstLayer(manager: Manager, openSettings: () => void): FirstLayer {
  const { config } = manager;
  const text = textsOf(config);

  const layer = host(
    config,
    { role: "region", "aria-label": text("banner_name"), popover: "manual", "data-layout": config.layout },
    h(
      "div",
      { class: "bar" },
      h("div", { class: "words" }, h("slot", { name: "words" })),
      h("div", { class: "choices" }, h("slot")),
    ),
  );
  // The words and the buttons are plain elements of the document, shown through the slots: whoever looks for a Reject button finds one.
  layer.append(
    h("p", { slot: "words" }, text("text")),
    h("p", { slot: "words", class: "quiet" }, text("about")),
    button(text("accept"), "answer", () => chooseAll(manager, true)),
    button(text("reject"), "answer", () => chooseAll(manager, false)),
    button(text("settings"), "more", openSettings),
  );

  // What has the focus must not be hidden (WCAG 2.4.11): the layer goes to the other edge of the window instead of covering it.
  const makeRoom = (event: FocusEvent) => {
    const target = event.target as Element;
    if (target === layer || layer.contains(target)) return;
    const focus = target.getBoundingClientRect();
    const { height } = layer.getBoundingClientRect();
    const low = focus.bottom > innerHeight - height;
    const high = focus.top < height;
    if (low !== high) layer.toggleAttribute("data-high", low);
  };

  return {
    show() {
      if (layer.isConnected) return;
      document.body.prepend(layer);
      layer.showPopover?.();
      document.addEventListener("focusin", makeRoom);
    },
    hide() {
      layer.remove();
      document.removeEventListener("focusin", makeRoom);
    },
  };
}
