/** What both builds share: style sheets as text, and the files that few pages load under names that change with their content. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";

export const TARGET = "es2022";
const LATER = ["declaration", "debug"];

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
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** The files that few pages load: their code and their names, and what the fragment that loads them has to know. */
export async function later() {
  const codes = {};
  const names = {};
  const define = {};
  for (const name of LATER) {
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
    codes[name] = bundled.outputFiles[0].text.trim();
    names[name] = `${name}-${createHash("sha256").update(codes[name]).digest("hex").slice(0, 12)}`;
    define[`${name.toUpperCase()}_FILE`] = JSON.stringify(names[name]);
  }
  return { codes, names, define };
}
