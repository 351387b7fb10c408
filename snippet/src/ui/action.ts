/** What the buttons of the layers do: each names it as its value, so that one listener serves them all. */
import type { Text } from "../config.ts";
import type { Made } from "./element.ts";

export enum Action {
  reject,
  accept,
  settings,
  save,
  close,
  copy,
}

export const button = (className: string, value: Action, label: string | undefined): Made => [
  "button",
  { className, value },
  label as string,
];

/** The three ways to go on, in either layer: the texts follow each other. */
export const choices = (texts: string[], first: Text, third: Action): Made[] => [
  button("answer", Action.accept, texts[first]),
  button("answer", Action.reject, texts[first + 1]),
  button("more", third, texts[first + 2]),
];
