/** The persistent control: opens the settings again, takes consent back in one click, and says what became of an answer. */
import { decision, withdraw } from "../page.ts";
import { grants } from "../receipt.ts";
import { openSecondLayer } from "./second-layer.ts";
import { button, h, host, set, text } from "./element.ts";

const READING_TIME = 6000;

export interface Control {
  layer: HTMLElement;
  update(): void;
  say(message: string): void;
}

export function createControl(): Control {
  const status = set(h("p.status"), { role: "status" });
  const reopen = button(text("reopen"), "pill", openSecondLayer);
  // Giving takes one click, so taking back takes one (GDPR 7(3)): it does not hide behind the settings.
  const takeBack = button(text("withdraw"), "pill", withdraw);
  const pills = h("div", reopen, takeBack);
  let timer: ReturnType<typeof setTimeout>;

  return {
    layer: host({ role: "region", "aria-label": text("reopen") }, h("div.control", status, pills)),
    update: () => {
      pills.hidden = !decision;
      takeBack.hidden = !grants(decision?.purposes);
    },
    say: (message) => {
      status.textContent = message;
      clearTimeout(timer);
      timer = setTimeout(() => {
        status.textContent = "";
      }, READING_TIME);
    },
  };
}
