/**
 * What every page of the console gains from a script: times in the reader's zone, ids that can be copied, buttons that
 * say that they are at work, and folds that are open on paper. Without it everything can still be read.
 */

import { locale, say } from "./words.js";

const date = { day: "numeric", month: "short", year: "numeric" };
const forms = {
  minute: new Intl.DateTimeFormat(locale, { ...date, hour: "2-digit", minute: "2-digit" }),
  second: new Intl.DateTimeFormat(locale, { ...date, hour: "2-digit", minute: "2-digit", second: "2-digit" }),
};

/** Say the times below `root` in the reader's zone; the exact UTC stays on hover and in the markup. */
export function localTimes(root) {
  for (const element of root.querySelectorAll("time[data-to]")) {
    const form = forms[element.dataset.to];
    if (form) element.textContent = form.format(new Date(element.dateTime));
  }
}

/** Show the copy buttons below `root`, which are of no use without a script. */
export function copyButtons(root) {
  for (const button of root.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = button.firstChild;
      const before = said.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        said.textContent = say("script.copied");
      } catch {
        said.textContent = say("script.not_copied");
      }
      setTimeout(() => (said.textContent = before), 1500);
    });
  }
}

localTimes(document);
copyButtons(document);

document.addEventListener("submit", (event) => {
  // What is answered in a frame of the page leaves the page as it is.
  if (event.submitter?.formTarget || event.target.target) return;
  const button = event.submitter ?? event.target.querySelector("button");
  // Sent once: a second press while the first is under way would make two of whatever it makes.
  if (button?.getAttribute("aria-busy") === "true") return event.preventDefault();
  button?.setAttribute("aria-busy", "true");
  if (button?.dataset.busy) button.textContent = button.dataset.busy;
});
// Coming back with the browser's own button finds the page as it was left.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// How a banner is looked at is shown at once; without a script there is a button for it.
for (const looks of document.querySelectorAll("form[data-live]")) {
  looks.querySelector(".go").hidden = true;
  looks.addEventListener("change", (event) => event.target.name !== "width" && looks.requestSubmit());
}

// Paper has no folds to open.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => opened.forEach((fold) => (fold.open = false)));
