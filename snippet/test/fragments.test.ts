import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const built = (name: string) =>
  readFileSync(new URL(`../../service/src/askfirst/static/snippet/${name}`, import.meta.url), "latin1");
const fragments = (JSON.parse(built("manifest.json")).order as string[]).slice(1);

for (const name of fragments)
  test(`${name} is one function in ASCII that a service can join`, () => {
    const text = built(`${name}.js`);

    assert.match(text, /^[\x20-\x7e\n]+$/);
    assert.equal("function", typeof new Function(`return (${text})`)());
  });

test("a site that uses everything pays two kilobytes for it", () => {
  const size = (names: string[]) => brotliCompressSync(names.map((name) => built(`${name}.js`)).join(",")).length;
  const more = size(["boot", ...fragments]) - size(["boot"]);

  assert.ok(more <= 2048, `all fragments together add ${more} bytes in brotli`);
});
