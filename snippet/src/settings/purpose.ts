/** One purpose as a row: a name, a sentence, a switch, and its services folded out under it. */
import { type Purpose, Text } from "../config.ts";
import type { Made } from "../ui/element.ts";
import { serviceDetails } from "./service.ts";

/** Returns the row; the necessary purpose has no switch. */
export const purposeRow = (
  texts: string[],
  allows: (id: string) => boolean,
  [id, name, description, summary, ...services]: Purpose,
): Made => [
  "div",
  "row",
  [
    "label",
    "line",
    ["h3", 0, name],
    id === "necessary"
      ? (texts[Text.alwaysOn] as string)
      : ["input", { type: "checkbox", role: "switch", ariaDescription: description, name: id, checked: allows(id) }],
  ],
  ["p", 0, description],
  services[0]
    ? ["details", 0, ["summary", 0, summary], ...services.map((service) => serviceDetails(texts, service))]
    : "",
];
