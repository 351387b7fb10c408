import assert from "node:assert/strict";
import { test } from "node:test";
import { isSubject, readStrictly } from "../verifier/receipt.ts";
import { vectors } from "./vectors.ts";

interface Vector {
  what: string;
  token: string;
  parsed: { site: string; subject: string | null; purposes: Record<string, boolean>; given_at: number };
}

interface Vectors {
  accepts: Vector[];
  rejects: Vector[];
}

const subjects: { made: { subject: string }[] } = vectors("subjects");

for (const name of ["receipts", "receipts-2"]) {
  const { accepts, rejects }: Vectors = vectors(name);
  for (const { what, token, parsed } of accepts)
    test(`${name}: reads ${what}`, () => {
      const receipt = readStrictly(token);

      assert.deepEqual(
        [parsed.site, parsed.subject ?? undefined, parsed.purposes, parsed.given_at],
        [receipt?.site, receipt?.sub, receipt?.p, receipt?.iat],
      );
    });

  for (const { what, token } of rejects)
    test(`${name}: takes no receipt from ${what}`, () => assert.equal(undefined, readStrictly(token)));
}

const { accepts }: Vectors = vectors("receipts");
const good = accepts[0]?.token as string;

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

  const read = spellings.filter((text) => text !== good && readStrictly(text));

  // What is left differs only in bits of the signature, which is checked elsewhere.
  assert.ok(read.every((text) => text.split(".")[0] === good.split(".")[0] && /[AEIMQUYcgkosw048]$/.test(text)));
});

test("a token over 3,800 bytes is not looked at", () => {
  assert.equal(undefined, readStrictly(`${"A".repeat(3800)}${good}`));
});

for (const { subject } of subjects.made) test(`${subject} is a subject`, () => assert.ok(isSubject(subject)));

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

  assert.deepEqual(
    [],
    [...wrong].filter((text) => isSubject(text)),
  );
});
