/** The one element that the page gets, and what is said there for a while. */
import { h, inside } from "./element.ts";

const READING_TIME = 6000;

export const host = h("div", { role: "region", popover: "manual" });
host.dataset.nosnippet = "";
export const root = inside(host);
export const status = h("div", { className: "status", role: "status" });
let timer: ReturnType<typeof setTimeout>;

/** Says what became of an answer, for a while. */
export const say = (outcome?: string): void => {
  status.textContent = outcome as string;
  clearTimeout(timer);
  timer = setTimeout(() => status.replaceChildren(), READING_TIME);
};
