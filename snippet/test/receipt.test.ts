import assert from "node:assert/strict";
import { test } from "node:test";
import { readReceipt } from "../src/receipt.ts";
import { consentId, isSubject } from "../src/subject.ts";
import { vectors } from "./vectors.ts";

interface Vector {
  what: string;
  token: string;
  parsed: { site: string; subject: string | null; purposes: Record<string, boolean>; given_at: number };
}

const receipts: { accepts: Vector[]; rejects: Vector[] } = vectors("receipts");
const subjects: { made: { subject: string; consent_id: string }[] } = vectors("subjects");

for (const { what, token, parsed } of receipts.accepts)
  test(`reads the receipt: ${what}`, () => {
    const receipt = readReceipt(token);

    assert.deepEqual(
      [parsed.site, parsed.subject ?? undefined, parsed.purposes],
      [receipt?.site, receipt?.sub, receipt?.p],
    );
  });

for (const { what, token } of receipts.rejects)
  test(`takes no receipt from: ${what}`, () => assert.equal(undefined, readReceipt(token)));

const good = receipts.accepts[0]?.token as string;

test("no text but the token itself is read as it", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ";
  const spellings = [
    `${good}=`,
    `${good} `,
    ` ${good}`,
    `${good}.`,
    `.${good}`,
    good.replace(".", ".."),
    good.slice(0, -1),
  ];
  // Unused bits of the last character of either part.
  for (const character of alphabet) spellings.push(good.slice(0, -1) + character, good.replace(/.\./, `${character}.`));
  const last = (token: string) => [token.split(".")[0], token.slice(-1)].join();

  const read = spellings.filter((text) => text !== good && readReceipt(text));

  // What is left differs only in bits of the signature, which a browser does not check.
  assert.ok(read.every((text) => last(text).split(",")[0] === good.split(".")[0] && /[AEIMQUYcgkosw048]$/.test(text)));
});

test("a token over 3,800 bytes is not looked at", () => {
  assert.equal(undefined, readReceipt(`${"A".repeat(3800)}${good}`));
});

for (const { subject, consent_id } of subjects.made)
  test(`the subject ${subject} is shown as its consent id`, () => {
    assert.deepEqual([true, consent_id], [isSubject(subject), consentId(subject)]);
  });

test("every single wrong character and every exchange of two is found", () => {
  const subject = subjects.made[5]?.subject as string;
  const wrong = new Set<string>();
  for (let i = 0; i < subject.length; i++) {
    for (const character of "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
      wrong.add(subject.slice(0, i) + character + subject.slice(i + 1));
    for (let j = i + 1; j < subject.length; j++) {
      const parts = [...subject];
      [parts[i], parts[j]] = [parts[j] as string, parts[i] as string];
      wrong.add(parts.join(""));
    }
  }
  wrong.delete(subject);

  assert.deepEqual([], [...wrong].filter(isSubject));
});
