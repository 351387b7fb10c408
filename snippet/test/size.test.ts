import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const built = (name: string) =>
  readFileSync(new URL(`../../service/src/askfirst/static/snippet/${name}`, import.meta.url));
const boot = built("boot.js");

const packed = (...names: string[]) =>
  brotliCompressSync(names.map((name) => built(`${name}.js`).toString()).join(",")).length;

test("what every page runs, with the first layer, stays small", () => {
  const size = packed("boot");

  assert.ok(size <= 5450, `boot.js is ${size} bytes in brotli`);
});

test("the second layer, which is fetched when it is wanted, stays small", () => {
  const size = packed("settings");

  assert.ok(size <= 1536, `settings.js is ${size} bytes in brotli`);
});

test("placeholders, which are fetched where something is held, stay small", () => {
  const size = packed("embeds");

  assert.ok(size <= 1200, `embeds.js is ${size} bytes in brotli`);
});

test("boot.js is one expression in ASCII that a service can join with a policy", () => {
  const text = boot.toString("latin1");

  assert.match(text, /^[\x20-\x7e\n]+$/);
  assert.doesNotThrow(() => new Function(`return (${text})`));
});

test("the manifest says what was built", () => {
  const { order, bytes } = JSON.parse(built("manifest.json").toString());

  assert.equal("boot", order[0]);
  assert.deepEqual(Object.fromEntries(order.map((name: string) => [name, built(`${name}.js`).length])), bytes);
});

test("no name in the build is on the lists that hide banners", () => {
  assert.doesNotMatch(boot.toString(), /cookie-?(consent|banner|notice|bar|law)|consent-?(banner|popup)|gdpr/i);
});
