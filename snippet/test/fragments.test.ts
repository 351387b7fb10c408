import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const built = (name: string) =>
  readFileSync(new URL(`../../service/src/askfirst/static/snippet/${name}`, import.meta.url), "latin1");
const fragments = (JSON.parse(built("manifest.json")).order as string[]).slice(1);

// Pages may hold code of yesterday while they fetch a file of today: names are added behind these, and never changed.
const FROZEN =
  "$settings=a $state=b $more=c $at=d $decision=e $gpc=f $allows=g $anyAllowed=h $onAct=i $choose=j $follow=k $speak=l $tell=m $load=n $render=o $open=p $openWith=q $settingsParts=r $choices=s $root=t $edgeParts=u $release=v $scans=w $noteUse=x $h=y $inside=z $addStyle=A $listen=B $warn=C".split(
    " ",
  );

for (const name of fragments)
  test(`${name} is one function in ASCII that a service can join`, () => {
    const text = built(`${name}.js`);

    assert.match(text, /^[\x20-\x7e\n]+$/);
    assert.equal("function", typeof new Function(`return (${text})`)());
  });

const later = JSON.parse(built("manifest.json")).later as Record<string, string>;

test("a site that uses everything stays below eight kilobytes", () => {
  const parts = ["boot", ...fragments].filter((name) => !(name in later));
  const size = brotliCompressSync(parts.map((name) => built(`${name}.js`)).join(",")).length;

  assert.ok(size <= 8192, `the snippet with all fragments is ${size} bytes in brotli`);
});

test("a file that is fetched later is named by what is in it, and the code that fetches it knows the name", () => {
  for (const [name, file] of Object.entries(later)) {
    const module = `export default ${built(`${name}.js`)};`;
    assert.equal(`${name}-${createHash("sha256").update(module).digest("hex").slice(0, 12)}`, file);
    assert.ok(built("boot.js").includes(file));
  }
});

test("what fragments build on keeps its short names, and each has one of its own", () => {
  const names = JSON.parse(readFileSync(new URL("../src/short-names.json", import.meta.url), "utf8"));
  const kept = Object.entries(names)
    .slice(0, FROZEN.length)
    .map((pair) => pair.join("="));

  assert.deepEqual(FROZEN, kept);
  assert.equal(Object.keys(names).length, new Set(Object.values(names)).size);
});
