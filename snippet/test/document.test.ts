import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDocument } from "../verifier/document.ts";
import { LANGUAGES, TEXTS } from "../verifier/texts.ts";
import { vectors } from "./vectors.ts";

const documents: {
  key: string;
  accepts: { what: string; document: string }[];
  rejects: { what: string; document: string; step: string }[];
} = vectors("document");

for (const { what, document } of documents.accepts)
  test(`believes the document: ${what}`, async () => {
    const checked = await checkDocument(document);

    assert.equal(checked.failure, undefined);
    assert.deepEqual(checked.held, ["form", "entry", "checkpoint", "receipt", "policy", "statement"]);
    assert.equal(checked.policy?.controller.name, "Example Ltd");
    assert.deepEqual([checked.key, checked.receiptKeys], [documents.key, JSON.parse(document).receipt_keys]);
  });

for (const { what, document, step } of documents.rejects)
  test(`tells what is wrong with the document: ${what}`, async () =>
    assert.equal((await checkDocument(document)).failure, step));

test("no changed byte of a document goes unnoticed", async () => {
  const good = documents.accepts[0]?.document as string;
  for (let at = 0; at < good.length; at += 61) {
    const altered = good.slice(0, at) + (good[at] === "x" ? "y" : "x") + good.slice(at + 1);
    assert.notEqual((await checkDocument(altered)).failure, undefined, `byte ${at}`);
  }
});

test("every step and failure has words in every language", () => {
  for (const language of LANGUAGES) {
    const { failures, steps } = TEXTS[language];
    for (const { step } of documents.rejects) assert.ok(failures[step], `${language} ${step}`);
    assert.deepEqual(Object.keys(TEXTS.en.failures), Object.keys(failures));
    assert.deepEqual(Object.keys(TEXTS.en.steps), Object.keys(steps));
    assert.deepEqual(Object.keys(TEXTS.en.methods), Object.keys(TEXTS[language].methods));
  }
});
