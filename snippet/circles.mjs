/** Fails where modules import each other in a circle: which of them runs first would be an accident. */
import { build } from "esbuild";
import { styles } from "./bundling.mjs";

const { metafile } = await build({
  entryPoints: [
    "src/boot.ts",
    "src/stub.ts",
    "src/package/index.ts",
    "src/fragments/*.ts",
    "src/later/*.ts",
    "verifier/*.ts",
  ],
  bundle: true,
  format: "esm",
  splitting: true,
  outdir: "unused",
  write: false,
  metafile: true,
  plugins: [styles],
});
const finished = new Set();

/** Goes through what a module imports, below those that lead to it; returns the first circle. */
const circle = (module, above = []) => {
  if (above.includes(module)) return [...above.slice(above.indexOf(module)), module];
  if (finished.has(module)) return undefined;
  for (const { path } of metafile.inputs[module]?.imports ?? []) {
    const found = circle(path, [...above, module]);
    if (found) return found;
  }
  finished.add(module);
  return undefined;
};

for (const module in metafile.inputs) {
  const found = circle(module);
  if (found) {
    console.error(`modules import each other: ${found.join(" -> ")}`);
    process.exitCode = 1;
    break;
  }
}
