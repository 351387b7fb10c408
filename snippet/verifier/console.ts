/** Checks the proof of a record's page in the reader's own browser, and whether the page shows what was proven; says there what it found. */
import { type Checked, checkDocument } from "./document.ts";
import { firstDifference } from "./shown.ts";
import { LANGUAGES, TEXTS } from "./texts.ts";
import { STEPS, verdict } from "./verdict.ts";

const place = document.getElementById("own-check");
const language = LANGUAGES.find((one) => one === document.documentElement.lang) ?? "en";
if (place) {
  const bundle = document.getElementById("bundle")?.textContent ?? "";
  const checked: Checked = await checkDocument(bundle).catch(() => ({ failure: "form" as const, held: [] }));
  if (!checked.failure) {
    checked.difference = firstDifference(checked, document);
    if (checked.difference) checked.failure = "shown";
    else checked.held.push("shown");
  }
  place.replaceChildren(verdict(checked, TEXTS[language], [...STEPS, "shown"]));
}
