/** The first layer: the question, without taking the page away. */
import { listen } from "../guard.ts";
import { answerAll, config } from "../page.ts";
import { button, h, host, set, text } from "./element.ts";
import { isOpen, openSecondLayer } from "./second-layer.ts";

/** Returns the layer, for showing and removing. */
export function createFirstLayer(): HTMLElement {
  const layer = host(
    { role: "region", "aria-label": text("banner_name"), popover: "manual", "data-layout": config.layout },
    h("div.bar", h("div.words", set(h("slot"), { name: "words" })), h("div.choices", h("slot"))),
  );
  // The words and the buttons are plain elements of the document, shown through the slots: whoever looks for a Reject button finds one.
  layer.append(
    set(h("p", text("text")), { slot: "words" }),
    set(h("p.quiet", text("about")), { slot: "words" }),
    button(text("accept"), "answer", () => answerAll(true)),
    button(text("reject"), "answer", () => answerAll(false)),
    button(text("settings"), "more", openSecondLayer),
  );

  // What has the focus must not be hidden (WCAG 2.4.11): the layer goes to the other edge of the window instead of covering it.
  listen(document, "focusin", ({ target }) => {
    if (!layer.isConnected || isOpen || layer.contains(target as Node)) return;
    const focus = (target as Element).getBoundingClientRect();
    const { height } = layer.getBoundingClientRect();
    const low = focus.bottom > innerHeight - height;
    if (low !== focus.top < height) layer.toggleAttribute("data-high", low);
  });
  return layer;
}
