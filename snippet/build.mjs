/**
 * Builds what the service serves: boot.js and each fragment as one expression, so that it can join them to a site script with plain text,
 * and the demo's measurement script. The same sources give the same bytes.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";
import { minify } from "terser";

const STATIC = new URL("../service/src/askfirst/static/", import.meta.url);
// The boot expression first; then the fragments of src/fragments/, in the order in which the service joins them.
const ORDER = [
  "boot",
  "regions",
  "gpc",
  "languages",
  "google",
  "microsoft_uet",
  "clarity",
  "matomo",
  "marks",
  "embeds",
  "held",
  "later",
];
// Files of their own that few pages load, named by what is in them.
const LATER = ["declaration", "debug"];
const TARGET = "es2022";

/** Style sheets come into the script as minified text. */
const styles = {
  name: "styles",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        target: ["chrome111", "firefox115", "safari16.4"],
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const names = {};

/** A module of its own under a name that changes with its content. */
async function later(name) {
  const bundled = await build({
    entryPoints: [`src/later/${name}.ts`],
    bundle: true,
    format: "esm",
    target: TARGET,
    minify: true,
    charset: "ascii",
    write: false,
    plugins: [styles],
  });
  const code = bundled.outputFiles[0].text.trim();
  names[name] = `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 12)}`;
  return code;
}

/** One module as one expression: its default export, called with whatever the expression is called with. */
async function expression(name) {
  const bundled = await build({
    entryPoints: [name === "boot" ? "src/boot.ts" : `src/fragments/${name}.ts`],
    bundle: true,
    format: "esm",
    target: TARGET,
    write: false,
    plugins: [styles],
    define: Object.fromEntries(LATER.map((one) => [`${one.toUpperCase()}_FILE`, JSON.stringify(names[one])])),
  });
  const [, body, entry] = /^([\s\S]*)export \{\s*(\w+) as default\s*\};\s*$/.exec(bundled.outputFiles[0].text);
  const { code } = await minify(`export default (...given)=>{${body};${entry}(...given)}`, {
    ecma: 2020,
    module: true,
    compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true, pure_getters: true },
    format: { ascii_only: true, comments: false },
  });
  return code.replace(/^export default\s*/, "").replace(/;$/, "");
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
for (const name of LATER) await writeFile(new URL(`snippet/${name}.js`, STATIC), await later(name));
for (const name of ORDER) {
  const code = await expression(name);
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
