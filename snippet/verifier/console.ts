/** Checks the proof of a record's page in the reader's own browser, and says there what it found. */
import { checkDocument } from "./document.ts";
import { LANGUAGES, TEXTS } from "./texts.ts";
import { verdict } from "./verdict.ts";

const place = document.getElementById("own-check");
const language = LANGUAGES.find((one) => one === document.documentElement.lang) ?? "en";
if (place) {
  const bundle = document.getElementById("bundle")?.textContent ?? "";
  const checked = await checkDocument(bundle).catch(() => ({ failure: "form" as const, held: [] }));
  place.replaceChildren(verdict(checked, TEXTS[language]));
}
