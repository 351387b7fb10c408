import assert from "node:assert/strict";
import { test } from "node:test";
import { openBundle } from "../verifier/bundle.ts";
import { vectors } from "./vectors.ts";

interface Accepted {
  what: string;
  file: string;
  index: number;
  size: number;
  parts: { what: string; who: string };
}

const bundles: { key: string; origin: string; accepts: Accepted[]; rejects: { what: string; file: string }[] } =
  vectors("bundle");
const bytes = (file: string) => new Uint8Array(Buffer.from(file, "base64"));

for (const { what, file, index, size, parts } of bundles.accepts)
  test(`believes the bundle: ${what}`, async () => {
    const proven = await openBundle(bytes(file), bundles.key);

    assert.deepEqual([BigInt(index), BigInt(size)], [proven?.index, proven?.checkpoint.size]);
    assert.deepEqual([JSON.parse(parts.what), JSON.parse(parts.who)], [proven?.what, proven?.who]);
  });

for (const { what, file } of bundles.rejects)
  test(`does not believe the bundle: ${what}`, async () =>
    assert.equal(undefined, await openBundle(bytes(file), bundles.key)));

test("no bundle is believed with one bit changed", async () => {
  const good = bytes(bundles.accepts[2]?.file as string);
  for (let at = 0; at < good.length; at++) {
    const changed = good.slice();
    changed[at] = (good[at] as number) ^ (1 << (at % 8));
    assert.equal(undefined, await openBundle(changed, bundles.key), `byte ${at}`);
  }
});

test("a text that is no verifier key believes nothing", async () => {
  const good = bytes(bundles.accepts[0]?.file as string);
  for (const key of ["", "x", bundles.key.slice(0, -1), bundles.key.replace("+", "+0"), `${bundles.key}=`])
    assert.equal(undefined, await openBundle(good, key));
});
