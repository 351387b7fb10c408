/**
 * New decisions on the overview as they take their place in the ledger. Rows come in at the top without moving the
 * reader's place or focus; how many came is said at most every few seconds, so that a busy site does not talk all day.
 */

import { copyButtons, localTimes } from "./page.js";

const SHOWN = 10;
const SAY_EVERY_MS = 5000;
const state = document.getElementById("live");
const news = document.getElementById("news");
const answers = { "Accepted all": "all", "Rejected all": "none", Withdrew: "none" };

let unsaid = 0;
let timer = 0;

function said(name, words) {
  state.hidden = false;
  state.dataset.state = name;
  state.firstElementChild.textContent = words;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function cell(label, ...children) {
  return element("td", { "data-label": label }, element("span", { class: "cell" }, ...children));
}

function purposes({ granted, refused }) {
  if (granted.length && refused.length) return [granted.join(", "), " ", element("span", { class: "quiet" }, `but not ${refused.join(", ")}`)];
  if (granted.length) return [granted.join(", ")];
  return [element("span", { class: "quiet" }, refused.length ? `not ${refused.join(", ")}` : "nothing was asked")];
}

function id(text) {
  if (!text) return [element("span", { class: "quiet" }, "none")];
  const cut = text.length > 21;
  const shown = element("span", { class: "id", title: text }, cut ? `${text.slice(0, 8)}…${text.slice(-6)}` : text);
  const button = element("button", { type: "button", class: "copy", "data-copy": text, hidden: "" }, "Copy", element("span", { class: "unseen" }, ` ${text}`));
  return [shown, " ", button];
}

function row(decision) {
  const iso = new Date(decision.time).toISOString();
  const time = element("time", { datetime: iso, title: `${iso.replace("T", " ").replace("Z", "")} UTC`, "data-to": "second" }, iso);
  const first = element("th", { scope: "row", "data-label": "When" }, element("a", { href: decision.href }, time));
  const made = element("tr", { class: "arrived" }, first, cell("Answer", decision.method), cell("Purposes", ...purposes(decision)), cell("Site", decision.site), cell("Consent id", ...id(decision.consent_id)));
  localTimes(made);
  copyButtons(made);
  return made;
}

const figure = (name) => document.querySelector(`[data-today="${name}"]`);
const value = (name) => Number(figure(name).textContent.replace(/\D/g, ""));

/** Count today's figure up, and say the page's title anew: it states what they say. */
function count(method) {
  const name = answers[method] ?? "some";
  if (!figure(name)) return;
  figure(name).textContent = (value(name) + 1).toLocaleString("en-GB");
  const all = value("all");
  const together = all + value("some") + value("none");
  const decisions = together === 1 ? "1 decision" : `${together.toLocaleString("en-GB")} decisions`;
  document.getElementById("finding").textContent = `${decisions} today, ${Math.round((100 * all) / together)} % accepted all`;
}

function tell() {
  timer = 0;
  news.textContent = unsaid === 1 ? "1 new decision" : `${unsaid} new decisions`;
  unsaid = 0;
}

function arrived(decision) {
  const body = document.querySelector("#decisions tbody");
  if (!body) {
    // The first decision of all: the page has other things to show from now on.
    location.reload();
    return;
  }
  // Told already, by the page itself or before the connection was lost.
  if (body.querySelector(`a[href="${CSS.escape(decision.href)}"]`)) return;
  body.prepend(row(decision));
  count(decision.method);
  for (const old of [...body.rows].slice(SHOWN)) if (!old.contains(document.activeElement)) old.remove();
  unsaid += 1;
  timer ||= setTimeout(tell, SAY_EVERY_MS);
}

if (state) {
  said("off", "Connecting");
  const source = new EventSource(state.dataset.events);
  source.addEventListener("open", () => said("open", "Listening for new decisions"));
  source.addEventListener("error", () => said("off", source.readyState === EventSource.CLOSED ? "Not listening: open the page again" : "Connection lost, trying again"));
  source.addEventListener("decision", (event) => arrived(JSON.parse(event.data)));
  source.addEventListener("end", () => {
    source.close();
    said("off", "You were signed out: open the page again");
  });
  addEventListener("pagehide", () => source.close());
}
