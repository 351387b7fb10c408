import assert from "node:assert/strict";
import { test } from "node:test";
import { type Receipt, readReceipt } from "../src/receipt.ts";
import { vectors } from "./vectors.ts";

interface Vector {
  what: string;
  token: string;
  parsed: { site: string; subject: string | null; purposes: Record<string, boolean>; given_at: number };
}

const receipts: { accepts: Vector[] } = vectors("receipts");
const good = receipts.accepts[0] as Vector;
const now = good.parsed.given_at + 1;
const site = good.parsed.site;

const made = (change: (payload: Record<string, unknown>) => unknown): string => {
  const payload = JSON.parse(Buffer.from(good.token.split(".")[0] as string, "base64url").toString());
  const text = JSON.stringify(change(payload) ?? payload);
  return `${Buffer.from(text).toString("base64url")}.${good.token.split(".")[1]}`;
};

for (const { what, token, parsed } of receipts.accepts)
  test(`reads the receipt: ${what}`, () => {
    const receipt = readReceipt(token, parsed.site, parsed.given_at);

    assert.deepEqual(
      [parsed.site, parsed.subject ?? undefined, parsed.purposes],
      [receipt?.site, receipt?.sub, receipt?.p],
    );
  });

test("the same receipt made anew is read, so that what follows shows something", () => {
  assert.ok(
    readReceipt(
      made(() => undefined),
      site,
      now,
    ),
  );
});

const refused: Record<string, string> = {
  "no text": "",
  "a payload alone": good.token.split(".")[0] as string,
  "three parts": `${good.token}.x`,
  "a short signature": good.token.slice(0, -1),
  "a long signature": `${good.token}A`,
  padding: good.token.replace(".", "=."),
  space: ` ${good.token}`,
  "more than 3,800 characters": `${"A".repeat(3800)}${good.token}`,
  "no JSON": `${"A".repeat(40)}.${good.token.split(".")[1]}`,
  "a list": made(() => [1]),
  "another site": made((payload) => ({ ...payload, site: "other" })),
  "a newer version": made((payload) => ({ ...payload, v: 3 })),
  "no purposes": made((payload) => ({ ...payload, p: undefined })),
  "a grant without a subject": made((payload) => ({ ...payload, sub: undefined })),
  "a subject that is no text": made((payload) => ({ ...payload, sub: ["a"] })),
  "a subject with markup": made((payload) => ({ ...payload, sub: "<b>456789012345678901" })),
  "a refusal with a subject": made((payload) => ({ ...payload, p: { measurement: false } })),
  "a refusal that knows its second": made((payload) => ({
    ...payload,
    p: { measurement: false },
    sub: undefined,
    iat: now - 2,
  })),
  "an expired one": made((payload) => ({ ...payload, exp: now })),
  "one without an end": made((payload) => ({ ...payload, exp: undefined })),
  "one from the future": made((payload) => ({ ...payload, iat: now + 301 })),
};

for (const what in refused)
  test(`takes no receipt from: ${what}`, () =>
    assert.equal(undefined, readReceipt(refused[what] as string, site, now)));

test("a signal that left grants standing counts as no choice with the signal on", () => {
  const signal = made((payload) => ({ ...payload, v: 2, m: "signal", gpc: true }));

  assert.equal(false, (readReceipt(signal, site, now) as Receipt).gpc);
  assert.equal(
    true,
    (
      readReceipt(
        made((payload) => ({ ...payload, gpc: true })),
        site,
        now,
      ) as Receipt
    ).gpc,
  );
});
