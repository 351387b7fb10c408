import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

test("a site that uses everything stays below eight and a quarter kilobytes", () => {
  const size = brotliCompressSync(["boot", ...fragments].map((name) => built(`${name}.js`)).join(",")).length;

  assert.ok(size <= 8448, `the snippet with all fragments is ${size} bytes in brotli`);
});

test("a file that is fetched later is named by what is in it, and the fragment that fetches it knows the name", () => {
  const names = JSON.parse(built("manifest.json")).later as Record<string, string>;

  for (const [name, file] of Object.entries(names)) {
    assert.equal(
      `${name}-${createHash("sha256")
        .update(built(`${name}.js`))
        .digest("hex")
        .slice(0, 12)}`,
      file,
    );
    assert.ok(built("later.js").includes(file));
  }
});
