/** The one element that the page gets: the question, or the control, and above either what became of an answer. */
import { Text } from "../config.ts";
import { listen } from "../guard.ts";
import { choose, decision, anyAllowed, language, more, quiet, texts } from "../page.ts";
import { Action, button } from "./action.ts";
import { addStyle, h, inside, type Made } from "./element.ts";
import { dialog, openSecondLayer } from "./second-layer.ts";

const READING_TIME = 6000;

export let root: ShadowRoot;
let host: HTMLElement;
let bar: HTMLDialogElement;
let status: HTMLElement;
let putOff: boolean;
let pills: HTMLElement;
let timer: ReturnType<typeof setTimeout>;

/** Says what became of an answer, for a while. */
export const say = (outcome: Text): void => {
  status.textContent = texts[outcome] as string;
  clearTimeout(timer);
  timer = setTimeout(() => status.replaceChildren(), READING_TIME);
};

/** The three ways to go on, in either layer: the texts follow each other. */
export const choices = (first: Text, third: Action): Made[] => [
  button("answer", Action.accept, texts[first]),
  button("answer", Action.reject, texts[first + 1]),
  button("more", third, texts[first + 2]),
];

/** What fragments put beside the control: words that are there without a click. */
export const edgeParts: (() => Node | string)[] = [];

/** Shows what there is to show now. */
export const update = (): void => {
  if (!host) return;
  const asks = !decision && !quiet && !putOff;
  pills.replaceChildren(
    ...edgeParts.map((part) => part()),
    asks ? "" : h(...button("small", Action.settings, texts[Text.reopen])),
    // Giving takes one click, so taking back takes one (GDPR 7(3)): it does not hide behind the settings.
    anyAllowed() ? h(...button("small", Action.reject, texts[Text.withdraw])) : "",
  );
  bar.hidden = !asks;
  // The words and the buttons are plain elements of the document, shown through the slots: whoever looks for a Reject button finds one.
  if (!asks) {
    host.replaceChildren();
    bar.close?.();
  } else if (!host.firstChild) {
    host.append(
      h("p", { slot: "words" }, texts[Text.text] as string),
      h("p", { slot: "words", className: "quiet" }, texts[Text.about] as string),
      ...choices(Text.accept, Action.settings).map((made) => h(...made)),
    );
    if (bar.showModal) {
      bar.showModal();
      // Not the first of its buttons: that would weigh more than the other.
      bar.focus();
    }
  }
};

/** Shows everything anew: in another language. */
export const render = (): void => {
  if (!host) return;
  Object.assign(host, { ariaLabel: texts[Text.bannerName], lang: language, dir: more.dir ?? "ltr" });
  host.replaceChildren();
  update();
};

const act = ({ target }: { target: HTMLButtonElement }) => {
  // No value is no number: what has none, like a button of a fragment, does nothing here.
  const value = parseInt(target.value);
  if (value === Action.copy)
    // Without a clipboard the words can still be selected.
    navigator.clipboard.writeText(target.previousSibling?.textContent as string).then(() => {
      target.textContent = texts[Text.copied] as string;
    });
  else if (value >= 0) {
    dialog?.close();
    if (value === Action.settings) openSecondLayer();
    else if (value === Action.save)
      // The dialog is there until its event of being closed.
      choose((id) => (dialog?.querySelector(`[name=${id}]`) as HTMLInputElement).checked);
    else if (value < Action.settings) choose(() => value > 0, value ? "accept_all" : undefined);
  }
};

/** Builds the layers, first in the page and so first in its tab order. */
export const startLayers = (): void => {
  // A site may ask where something is embedded, and nowhere else.
  putOff = more.layout === "none";
  addStyle(more.style ?? "");
  host = h("div", { role: "region", popover: "manual" });
  host.dataset.nosnippet = "";
  root = inside(host);
  bar = h(
    more.layout === "dialog" ? "dialog" : "div",
    { className: "bar", ariaLabel: texts[Text.bannerName] },
    ["div", "words", ["slot", { name: "words" }]],
    ["div", "choices", ["slot", 0]],
  ) as HTMLDialogElement;
  status = h("div", { className: "status", role: "status" });
  pills = h("div", "pills");
  root.append(bar, status, pills);
  listen(root, "click", act);
  // A question that was closed is asked again on the next page.
  listen(bar, "close", () => {
    putOff = true;
    update();
  });
  document.body.prepend(host);
  // In the top layer no z-index of the page's can hide it.
  host.showPopover?.();
  render();
  // The banner that the website's server wrote, for who runs no script; it may still be on its way.
  const takeOver = () => document.querySelector("[data-askfirst=banner]")?.remove();
  takeOver();
  listen(document, "DOMContentLoaded", takeOver);

  // What has the focus must not be hidden (WCAG 2.4.11): the question goes to the other edge of the window instead of covering it.
  listen(document, "focusin", ({ target }: { target: Element }) => {
    if (!host.contains(target))
      host.toggleAttribute("data-high", target.getBoundingClientRect().bottom > innerHeight - host.offsetHeight);
  });
};
