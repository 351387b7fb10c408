import assert from "node:assert/strict";
import { test } from "node:test";
import { askedWords } from "../verifier/asked.ts";
import { checkDocument } from "../verifier/document.ts";
import type { Policy } from "../verifier/policy.ts";
import { firstDifference } from "../verifier/shown.ts";
import { vectors } from "./vectors.ts";

const { accepts } = vectors("document") as { accepts: { document: string }[] };
const checked = await checkDocument(accepts[0]?.document as string);
const language = checked.proven?.what.language as string;

/** A page that shows these texts. */
const page = (texts: string[]) =>
  ({ querySelectorAll: () => texts.map((textContent) => ({ textContent })) }) as unknown as ParentNode;

const answers = Object.entries(checked.proven?.what.purposes as Record<string, boolean>).flatMap(([id, granted]) => [
  checked.policy?.purposes.find((one) => one.id === id)?.name[language] ?? id,
  granted ? "✓" : "✗",
]);
const whole = [...answers, ...askedWords(checked.policy as Policy, language)];

test("a page that shows what was signed differs in nothing", () =>
  assert.equal(firstDifference(checked, page(whole)), undefined));

test("each changed, missing or added text is told", () => {
  for (const at of whole.keys()) {
    const signed = whole[at] as string;
    const changed = whole.map((one, place) => (place === at ? `${one} ` : one));
    assert.deepEqual(firstDifference(checked, page(changed)), { shown: `${signed} `, signed });
    assert.ok(firstDifference(checked, page(whole.filter((_, place) => place !== at))), `without ${signed}`);
  }
  assert.deepEqual(firstDifference(checked, page([...whole, "more"])), { shown: "more", signed: "–" });
  assert.ok(firstDifference(checked, page([])));
});

test("every text is in the page's order, with durations as people say them", () => {
  const amount = (word: string) => ({ one: `{n} ${word}`, other: `{n} ${word}s` });
  const cookie = (name: string, duration: string) => ({ name, duration, description: { en: `why ${name}` } });
  const policy = {
    controller: { name: "C", address: "A", contact: "M" },
    languages: ["en"],
    purposes: [
      { id: "necessary", mode: null, name: { en: "N" }, description: { en: "n" } },
      { id: "measurement", mode: "opt_in", name: { en: "P" }, description: { en: "p" } },
    ],
    services: [
      {
        id: "s",
        name: "S",
        purpose: "measurement",
        provider: { name: "V", country: "DE" },
        description: { en: "d" },
        cookies: [cookie("a", "P1Y"), cookie("b", "PT30M"), cookie("c", "P13M"), cookie("d", "session")],
      },
    ],
    accounts: { en: { told: "Also on your account." } },
    texts: {
      en: {
        text: "T",
        about: "{controller} asks: {purposes}.",
        accept: "Yes",
        reject: "No",
        settings: "More",
        durations: {
          session: "until closed",
          year: amount("year"),
          month: amount("month"),
          minute: amount("minute"),
        },
      },
    },
  } as unknown as Policy;

  assert.deepEqual(askedWords(policy, "en"), [
    ...["T", "C asks: P. Also on your account.", "Yes", "No", "More", "C", "A", "M", "N", "n", "P", "p"],
    ...["S", "V", "DE", "d", "a", "1 year", "why a", "b", "30 minutes", "why b", "c", "13 months", "why c"],
    ...["d", "until closed", "why d"],
  ]);
});
