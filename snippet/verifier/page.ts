/**
 * The page of a proof bundle: it checks the document that it holds and shows nothing that did not pass. It runs from a file, without a
 * network, and makes every element by hand, so that no text in a bundle can become anything but text.
 */
import { about, fill } from "./asked.ts";
import { type Checked, checkDocument } from "./document.ts";
import { LANGUAGES, type Language, TEXTS, type Texts } from "./texts.ts";
import { type Child, element, verdict } from "./verdict.ts";

const facts = (rows: [string, Child][]) =>
  element(
    "dl",
    {},
    ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );

const section = (title: string, ...children: Child[]) => element("section", {}, element("h2", {}, title), ...children);

const list = (items: string[]) => element("ul", {}, ...items.map((item) => element("li", {}, item)));

const code = (text: unknown) => element("code", {}, `${text}`);

const moment = (ms: unknown) => {
  const at = new Date(ms as number);
  return Number.isNaN(at.valueOf()) ? `${ms}` : `${at.toISOString().replace("T", " ").replace("Z", "")} UTC`;
};

/** The consent id as people quote it: three groups of seven. */
const consentId = (subject: unknown) =>
  typeof subject === "string" ? (subject.match(/.{7}/g) ?? [subject]).join("-") : undefined;

const shown = ({ proven, policy, statement, key, receiptKeys = [] }: Checked, said: Texts): Node[] => {
  if (!proven || !policy || !statement) return [];
  const { what, who, checkpoint, index } = proven;
  const language = what.language as string;
  const texts = policy.texts[language] ?? {};
  const given = what.purposes as Record<string, boolean>;
  // In the order in which they were asked.
  const asked = policy.purposes.filter(({ id }) => id in given);
  const answers = asked.map(({ id, name: names }) => {
    const granted = given[id];
    const name = names[language] ?? id;
    const answer = element(
      "td",
      {},
      element("span", { "aria-hidden": "true" }, granted ? "✓ " : "✗ "),
      granted ? said.granted : said.refused,
    );
    return element("tr", {}, element("th", { scope: "row" }, name, " ", code(id)), answer);
  });
  const direction = /^(ar|fa|he|ur)\b/.test(language) ? "rtl" : "ltr";
  return [
    section(
      said.answered,
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("th", { scope: "col" }, said.purpose),
            element("th", { scope: "col" }, said.answer),
          ),
        ),
        element("tbody", {}, ...answers),
      ),
      element("p", {}, fill(said.how, { method: said.methods[what.method as string] ?? what.method })),
    ),
    section(
      said.asked,
      element(
        "div",
        { class: "asked", lang: language, dir: direction },
        element("p", {}, `${texts.text} ${about(policy, language)}`),
        element(
          "p",
          { class: "buttons" },
          ...["accept", "reject", "settings"].map((name) => element("span", {}, `${texts[name] ?? ""}`)),
        ),
        ...policy.purposes.map((one) =>
          element("p", {}, element("strong", {}, one.name[language] ?? one.id), ` ${one.description[language] ?? ""}`),
        ),
      ),
      element("p", { class: "quiet" }, fill(said.policy, { number: policy.number, digest: what.policy })),
    ),
    section(
      said.when,
      facts([
        [said.recorded, moment(what.server_time)],
        [said.browserClock, moment(what.client_time)],
        [said.site, code(what.site)],
        [said.page, `${what.origin}${what.page ?? ""}`],
        [said.controller, `${policy.controller.name}, ${policy.controller.address}`],
        [said.language, language],
        [said.rule, code(what.rule)],
        ["Global Privacy Control", what.gpc ? said.on : said.off],
        [said.record, code(what.record)],
        [said.consentId, consentId(who.subject) ? code(consentId(who.subject)) : said.anonymous],
        [said.build, what.build ? code(what.build) : said.none],
      ]),
    ),
    section(
      said.proofHead,
      facts([
        [said.log, code(checkpoint.origin)],
        [said.place, fill(said.placeOf, { number: (index + 1n).toString(), size: checkpoint.size.toString() })],
        [said.key, code(key)],
        ...receiptKeys.map((one): [string, Child] => [said.receiptKey, code(one)]),
      ]),
      element("p", {}, said.compare),
      element("h3", {}, said.provesHead),
      list(said.proves),
      element("h3", {}, said.provesNotHead),
      list(said.provesNot),
      element("h3", {}, said.elsewhereHead),
      element("p", {}, said.elsewhere),
    ),
    section(
      said.statement,
      element("p", { class: "quiet" }, said.statementLead),
      element(
        "details",
        {},
        element("summary", {}, said.statementShow),
        element("pre", { tabindex: "0" }, JSON.stringify(statement, null, 2)),
      ),
    ),
  ];
};

const show = (checked: Checked, language: Language) => {
  const said = TEXTS[language];
  document.documentElement.lang = language;
  document.title = said.title;
  const switches = LANGUAGES.map((one) => {
    const button = element(
      "button",
      { type: "button", lang: one, "aria-pressed": `${one === language}` },
      TEXTS[one].name,
    );
    button.addEventListener("click", () => show(checked, one));
    return button;
  });
  const head = element(
    "header",
    {},
    element("p", { class: "brand" }, "Askfirst"),
    element("div", { class: "switch" }, ...switches),
  );
  document
    .getElementById("main")
    ?.replaceChildren(head, element("h1", {}, said.title), verdict(checked, said), ...shown(checked, said));
};

const language = LANGUAGES.find((one) => one === document.documentElement.lang) ?? "en";
checkDocument(document.getElementById("bundle")?.textContent ?? "").then(
  (checked) => show(checked, language),
  () => show({ failure: "form", held: [] }, language),
);

// Paper has no folds to open.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
