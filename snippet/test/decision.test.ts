import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../src/decision.ts";
import type { Waiting } from "../src/queue.ts";
import type { Receipt } from "../src/receipt.ts";

const IDS = ["measurement", "marketing"];

const given = (
  more: Parameters<typeof decide>[2],
  copies: Receipt[],
  queue: Waiting[],
  signal: boolean,
  revision = 1,
): ReturnType<typeof decide> => decide(IDS, revision, { gpc: ["marketing"], ...more }, copies, queue, signal);

const receipt = (measurement: boolean, marketing: boolean, more: Partial<Receipt> = {}): Receipt => ({
  token: `${measurement}${marketing}`,
  v: 1,
  site: "demo",
  rev: 1,
  p: { measurement, marketing },
  iat: 1000,
  exp: 9000,
  gpc: false,
  ...(measurement || marketing ? { sub: "S" } : {}),
  ...more,
});

const answer = (
  measurement: boolean,
  marketing: boolean,
  held: string[] = [],
  more: Partial<Waiting> = {},
): Waiting => ({
  body: { purposes: { measurement, marketing }, at: 5, gpc: false } as unknown as Waiting["body"],
  rev: 1,
  held,
  ...more,
});

const granted = (...asked: Parameters<typeof given>) => {
  const decision = given(...asked);
  return decision && Object.keys(decision.purposes).filter((id) => decision.purposes[id]);
};

test("without a receipt and without an answer on its way the visitor is asked", () => {
  assert.equal(undefined, given({}, [], [], false));
});

test("an answer on its way counts at once, and over the receipt it was given with", () => {
  assert.deepEqual(["measurement"], granted({}, [receipt(true, true)], [answer(true, false, ["truetrue"])], false));
});

test("an answer on its way never overrides a receipt that came after it", () => {
  assert.deepEqual([], granted({}, [receipt(false, false)], [answer(true, true)], false));
});

test("where the policy waits for the receipt, an answer on its way grants nothing new but takes away at once", () => {
  const waits = { wait: true } as const;

  assert.deepEqual([], granted(waits, [], [answer(true, true)], false));
  assert.deepEqual(["measurement"], granted(waits, [receipt(true, true)], [answer(true, false, ["truetrue"])], false));
});

test("a new revision asks again, whatever was answered or is on its way", () => {
  assert.equal(undefined, given({}, [receipt(true, true)], [answer(true, true, ["truetrue"])], false, 2));
});

test("Global Privacy Control takes away what it is tied to, unless granted while it was on", () => {
  assert.deepEqual(["measurement"], granted({}, [receipt(true, true)], [], true));
  assert.deepEqual(["measurement", "marketing"], granted({}, [receipt(true, true, { gpc: true })], [], true));
});

test("a purpose that the policy does not name is never granted", () => {
  assert.deepEqual([], granted({}, [receipt(false, false, { p: { other: true }, sub: "S" })], [], false));
});
