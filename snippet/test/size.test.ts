import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const built = (name: string) =>
  readFileSync(new URL(`../../service/src/askfirst/static/snippet/${name}`, import.meta.url));
const boot = built("boot.js");

test("the whole banner with its settings stays small", () => {
  const size = brotliCompressSync(boot).length;

  assert.ok(size <= 5760, `boot.js is ${size} bytes in brotli`);
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
