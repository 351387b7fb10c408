/**
 * New decisions on the overview as they take their place in the ledger. Rows come in at the top without moving the
 * reader's place or focus; how many came is said at most every few seconds, so that a busy site does not talk all day.
 */

import { copyButtons, localTimes } from "./page.js";
import { locale, say, share } from "./words.js";

const SHOWN = 10;
const SAY_EVERY_MS = 5000;
const state = document.getElementById("live");
const news = document.getElementById("news");

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
  if (granted.length && refused.length) return [granted.join(", "), " ", element("span", { class: "quiet" }, say("table.but_not", { purposes: refused.join(", ") }))];
  if (granted.length) return [granted.join(", ")];
  return [element("span", { class: "quiet" }, refused.length ? say("table.not_these", { purposes: refused.join(", ") }) : say("table.nothing_asked"))];
}

function id(text) {
  if (!text) return [element("span", { class: "quiet" }, say("table.none"))];
  const cut = text.length > 21;
  const shown = element("span", { class: "id", title: text }, cut ? `${text.slice(0, 8)}…${text.slice(-6)}` : text);
  const button = element("button", { type: "button", class: "copy", "data-copy": text, hidden: "" }, say("words.copy"), element("span", { class: "unseen" }, ` ${text}`));
  return [shown, " ", button];
}

function row(decision) {
  const iso = new Date(decision.time).toISOString();
  const time = element("time", { datetime: iso, title: `${iso.replace("T", " ").replace("Z", "")} UTC`, "data-to": "second" }, iso);
  const first = element("th", { scope: "row", "data-label": say("table.when") }, element("a", { href: decision.href }, time));
  const made = element("tr", { class: "arrived" }, first, cell(say("table.answer"), decision.method), cell(say("table.purposes"), ...purposes(decision)), cell(say("table.site"), decision.site), cell(say("table.consent_id"), ...id(decision.consent_id)));
  localTimes(made);
  copyButtons(made);
  return made;
}

const figure = (name) => document.querySelector(`[data-today="${name}"]`);
const value = (name) => Number(figure(name).textContent.replace(/\D/g, ""));

/** Count today's figure up, and say the page's title anew: it states what they say. */
function count({ granted, refused }) {
  const name = granted.length ? (refused.length ? "some" : "all") : "none";
  if (!figure(name)) return;
  figure(name).textContent = (value(name) + 1).toLocaleString(locale);
  const all = value("all");
  const together = all + value("some") + value("none");
  const decisions = say("words.decisions", { count: together });
  document.getElementById("finding").textContent = say("overview.today", { decisions, share: share(all, together) });
}

function tell() {
  timer = 0;
  news.textContent = say("words.new_decisions", { count: unsaid });
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
  count(decision);
  for (const old of [...body.rows].slice(SHOWN)) if (!old.contains(document.activeElement)) old.remove();
  unsaid += 1;
  timer ||= setTimeout(tell, SAY_EVERY_MS);
}

if (state) {
  said("off", say("script.connecting"));
  const source = new EventSource(state.dataset.events);
  source.addEventListener("open", () => said("open", say("script.listening")));
  source.addEventListener("error", () => said("off", source.readyState === EventSource.CLOSED ? say("script.not_listening") : say("script.lost")));
  source.addEventListener("decision", (event) => arrived(JSON.parse(event.data)));
  source.addEventListener("end", () => {
    source.close();
    said("off", say("script.signed_out"));
  });
  addEventListener("pagehide", () => source.close());
}
