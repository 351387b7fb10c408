/**
 * Builds what the service serves: boot.js and each fragment as one expression, so that it can join them to a site script with plain text,
 * and the demo's measurement script. The same sources give the same bytes.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { expression, later, TARGET } from "./bundling.mjs";

const STATIC = new URL("../service/src/askfirst/static/", import.meta.url);
const SDK_STATIC = new URL("../sdk/src/askfirst_sdk/static/", import.meta.url);
// The boot expression first; then the fragments of src/fragments/, in the order in which the service joins them.
const ORDER = [
  "boot",
  "dialog",
  "regions",
  "gpc",
  "languages",
  "google",
  "microsoft_uet",
  "clarity",
  "matomo",
  "marks",
  "embeds",
  "shown",
  "settings",
  "pinned",
];
/** The inline stub: the same bytes for the service and for the SDK, which writes it into pages. */
async function stub() {
  const result = await build({
    entryPoints: ["src/stub.ts"],
    bundle: true,
    target: TARGET,
    minify: true,
    write: false,
  });
  return result.outputFiles[0].text.trim();
}

async function measure() {
  const licence = await readFile("node_modules/@plausible-analytics/tracker/LICENSE.md", "utf8");
  const { version } = JSON.parse(await readFile("node_modules/@plausible-analytics/tracker/package.json", "utf8"));
  const result = await build({
    entryPoints: ["demo/measure.ts"],
    bundle: true,
    format: "iife",
    target: TARGET,
    minify: true,
    write: false,
    banner: { js: `/*! @plausible-analytics/tracker ${version}\n\n${licence.trim()}\n*/` },
  });
  return result.outputFiles[0].text;
}

/** The verifier: inside the page of a proof bundle as one script, and as a module of the console. */
async function verifier(entry, format) {
  const result = await build({
    entryPoints: [`verifier/${entry}`],
    bundle: true,
    ...(format ? { format } : {}),
    target: TARGET,
    minify: true,
    charset: "ascii",
    write: false,
  });
  // A page ends a script at the first of these, wherever it stands.
  return result.outputFiles[0].text.replaceAll("</", "<\\/").replaceAll("<!--", "<\\!--");
}

await mkdir(new URL("proof/", STATIC), { recursive: true });
await mkdir(new URL("snippet/", STATIC), { recursive: true });
await mkdir(new URL("demo/", STATIC), { recursive: true });
const bytes = {};
const { codes, names, define } = await later();
for (const name in codes) await writeFile(new URL(`snippet/${name}.js`, STATIC), codes[name]);
for (const name of ORDER) {
  const code = codes[name] ?? (await expression(name === "boot" ? "src/boot.ts" : `src/fragments/${name}.ts`, define));
  bytes[name] = Buffer.byteLength(code);
  await writeFile(new URL(`snippet/${name}.js`, STATIC), code);
}
await writeFile(
  new URL("snippet/manifest.json", STATIC),
  `${JSON.stringify({ order: ORDER, bytes, later: names }, null, 2)}\n`,
);
await writeFile(new URL("demo/measure.js", STATIC), await measure());
await writeFile(new URL("proof/page.js", STATIC), await verifier("page.ts", "iife"));
await writeFile(new URL("proof/page.css", STATIC), await verifier("page.css", undefined));
await writeFile(new URL("console/proof.js", STATIC), await verifier("console.ts", "esm"));
await mkdir(SDK_STATIC, { recursive: true });
for (const folder of [new URL("snippet/", STATIC), SDK_STATIC])
  await writeFile(new URL("stub.js", folder), await stub());
