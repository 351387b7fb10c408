/** What the buttons of the layers do: each names it as its value, so that one listener serves them all. */
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
