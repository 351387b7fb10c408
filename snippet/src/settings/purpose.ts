/** One purpose as a row: a name, a sentence, a switch, and its services folded out under it. */
import { type Purpose, Text } from "../config.ts";
import type { Made } from "../ui/element.ts";
import { serviceDetails } from "./service.ts";

/** What a switch says in a word to who sees it; the sheet shows the one that holds. */
const state = (className: string, word = ""): Made => ["span", { className, ariaHidden: "true" }, word];

/** Returns the row; the necessary purpose has no switch. */
export const purposeRow = (
  texts: string[],
  [on, off]: string[],
  allows: (id: string) => boolean,
  [id, name, description, summary, ...services]: Purpose,
): Made => [
  "div",
  "row",
  [
    "label",
    "line",
    ["h3", 0, name],
    ...(id === "necessary"
      ? [texts[Text.alwaysOn] as string]
      : [
          [
            "input",
            { type: "checkbox", role: "switch", ariaDescription: description, name: id, checked: allows(id) },
          ] as Made,
          state("on", on),
          state("off", off),
        ]),
  ],
  ["p", 0, description],
  services[0]
    ? ["details", 0, ["summary", 0, summary], ...services.map((service) => serviceDetails(texts, service))]
    : "",
];
