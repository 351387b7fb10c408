/** The frozen wire examples, which Python reads as well. */
import { readFileSync } from "node:fs";

export const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
