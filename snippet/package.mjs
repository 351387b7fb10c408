/** Builds what `npm pack` packs: the snippet as ECMAScript modules with their types, into `dist` or the folder that is named. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { later, short, styles } from "./bundling.mjs";

const out = process.argv[2] ?? "dist";
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["src/package/index.ts"],
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  outdir: out,
  plugins: [styles],
  ...short,
  define: (await later()).define,
});
execFileSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "--project", "tsconfig.package.json", "--outDir", out],
  { stdio: ["ignore", "inherit", "inherit"] },
);
// Declarations import each other by the names that they have here.
for (const name of await readdir(out, { recursive: true }))
  if (name.endsWith(".d.ts")) {
    const file = join(out, name);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
await copyFile("../LICENSE", "LICENSE");
