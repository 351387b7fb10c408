/** The first layer, the control beside it, and the one element that holds both. */
import { Text } from "../config.ts";
import { listen } from "../guard.ts";
import { anyAllowed, choose, decision, language, more, quiet, texts } from "../page.ts";
import { scans } from "../release.ts";
import { Action, button, choices } from "./action.ts";
import { addStyle, h } from "./element.ts";
import { host, root, status } from "./host.ts";

/** Not there before the page has a body. */
export let bar: HTMLElement;
let putOff: boolean;
/** Shows and closes the bar where it is a dialog (fragments/dialog.ts). */
let modal: ((bar: HTMLDialogElement, opens: boolean, closed: () => void) => void) | undefined;
let pills = h("div", 0);

/** What fragments put beside the control: words that are there without a click. */
export const edgeParts: (() => Node | string)[] = [];

/** Makes a dialog of the question, which this shows and closes. */
export const modally = (shows: typeof modal): void => {
  modal = shows;
};

/** Shows what there is to show now. Where a question goes away that is all: what takes its place comes with the next call, after the paint (page.ts). */
export const update = (): void => {
  if (!bar) return;
  const asks = !decision && !quiet && !putOff;
  const whole = asks || bar.hidden || root.activeElement;
  bar.hidden = !asks;
  if (!whole) return;
  const made = h(
    "div",
    "pills",
    ...edgeParts.map((part) => part()),
    asks ? "" : button("small", Action.settings, texts[Text.reopen]),
    // Giving takes one click, so taking back takes one (GDPR 7(3)): it does not hide behind the settings.
    anyAllowed() ? button("small", Action.reject, texts[Text.withdraw]) : "",
  );
  // What says the same stays, with the focus that may be on it.
  if (made.textContent !== pills.textContent) {
    pills.replaceWith(made);
    pills = made;
  }
  // The words and the buttons are plain elements of the document, shown through the slots: whoever looks for a Reject button finds one.
  if (!asks) host.replaceChildren();
  else if (!host.firstChild)
    host.append(
      h("p", { slot: "words" }, texts[Text.text] as string),
      h("p", { slot: "words", className: "quiet" }, texts[Text.about] as string),
      ...choices(texts, Text.accept, Action.settings).map((made) => h(...made)),
    );
  // A question that was closed is asked again on the next page.
  modal?.(bar as HTMLDialogElement, asks, () => {
    bar.hidden = putOff = true;
    update();
  });
};

/** Shows everything anew: in another language. */
export const render = (): void => {
  if (!bar) return;
  Object.assign(host, { ariaLabel: texts[Text.bannerName], lang: language, dir: more.dir ?? "ltr" });
  host.replaceChildren();
  update();
};

/** Builds the layers, first in the page and so first in its tab order. `open` opens the second one, `prepare` fetches it. */
export const startLayers = (open: () => unknown, prepare: () => unknown): void => {
  // A site may ask where something is embedded, and nowhere else.
  putOff = more.layout === "none";
  addStyle(more.style ?? "");
  bar = h(
    modal ? "dialog" : "div",
    { className: "bar", ariaLabel: texts[Text.bannerName], hidden: true },
    ["div", "words", ["slot", { name: "words" }]],
    ["div", "choices", ["slot", 0]],
  );
  root.append(bar, status, pills);
  listen(root, "click", ({ target }: { target: HTMLButtonElement }) => {
    // No value is no number: what has none, like a button of a fragment, does nothing here.
    const value = parseInt(target.value);
    if (value === Action.settings) open();
    else if (value < Action.settings) choose(() => value > 0, value ? "accept_all" : undefined);
  });
  // A hand or the focus on what opens the settings; on its way to an answer it has nothing fetched, which would take from the click's own frame.
  for (const type of ["pointerover", "focusin"])
    listen(root, type, ({ target }: { target: { value: number } }) => target.value > 1 && prepare());
  let shownAt: string;
  let next: Node;
  const attach = () => {
    shownAt = location.href;
    document.body.prepend(host);
    next = host.nextSibling ?? document.body;
    render();
    // In the top layer no z-index of the page's can hide it. The browser looks at its style here: once, with everything in it.
    host.showPopover?.();
  };
  attach();
  scans.push(() => {
    // The banner that the website's server wrote, for who runs no script; it may still be on its way.
    document.querySelector("[data-askfirst=banner]")?.remove();
    // A page that goes to another one without loading, or is made anew, takes everything out of its body. Who takes out this alone is not fought.
    if (!host.isConnected && (location.href !== shownAt || !next.isConnected)) attach();
  });

  // What has the focus must not be hidden (WCAG 2.4.11): the question goes to the other edge of the window instead of covering it.
  listen(document, "focusin", ({ target }: { target: Element }) => {
    if (!host.contains(target))
      host.toggleAttribute("data-high", target.getBoundingClientRect().bottom > innerHeight - host.offsetHeight);
  });
};
