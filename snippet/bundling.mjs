/** What both builds share: style sheets as text, and the files that few pages load under names that change with their content. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";
import { minify } from "terser";

export const TARGET = "es2022";
const LATER = {
  declaration: "src/later/declaration.ts",
  debug: "src/later/debug.ts",
  embeds: "src/fragments/embeds.ts",
  settings: "src/fragments/settings.ts",
};

/** Style sheets come into the script as minified text. */
export const styles = {
  name: "styles",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        target: ["chrome111", "firefox115", "safari16.4"],
      });
      return { contents: code.trim().replaceAll(/(--[\w-]+): /g, "$1:"), loader: "text" };
    });
  },
};

/**
 * What fragments build on has short names, always the same ones: a page may hold a build of yesterday and fetch a file of today. Names are
 * only ever added.
 */
const names = JSON.parse(await readFile(new URL("src/short-names.json", import.meta.url), "utf8"));
export const short = { mangleProps: /^\$/, mangleCache: names };

const bundle = async (options) => {
  const result = await build({ ...options, ...short, metafile: true });
  const unknown = Object.keys(result.mangleCache).filter((name) => !(name in names));
  if (unknown[0]) throw new Error(`src/short-names.json has no short name for ${unknown.join(", ")}`);
  return result;
};

/** One module as one expression: its default export, called with whatever the expression is called with. */
export async function expression(entry, define = {}) {
  const bundled = await bundle({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: TARGET,
    write: false,
    plugins: [styles],
    define,
  });
  const [, body, name] = /^([\s\S]*)export \{\s*(\w+) as default\s*\};\s*$/.exec(bundled.outputFiles[0].text);
  const wrapped = `export default (...given)=>{${body};return ${name}(...given)}`;
  // What is one function needs none around it.
  for (const module of [`${body};export default ${name}`, wrapped]) {
    const { code } = await minify(module, {
      ecma: 2020,
      module: true,
      compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
      format: { ascii_only: true, comments: false },
    });
    const [, one] = /^export default\s*([\s\S]*?);?$/.exec(code) ?? [];
    if (one) return one;
  }
}

/** The files that few pages load: their code and their names, and what the code that loads them has to know. */
export async function later() {
  const codes = {};
  const names = {};
  const define = {};
  for (const [name, entry] of Object.entries(LATER)) {
    codes[name] = await expression(entry);
    names[name] = `${name}-${createHash("sha256").update(`export default ${codes[name]};`).digest("hex").slice(0, 12)}`;
    define[`${name.toUpperCase()}_FILE`] = JSON.stringify(names[name]);
  }
  return { codes, names, define };
}
