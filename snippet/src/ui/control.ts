/** The persistent control: opens the settings again, takes consent back in one click, and says what became of an answer. */
import { withdraw } from "../api.ts";
import type { Manager } from "../manager.ts";
import { grants } from "../receipt.ts";
import { button, h, host, textsOf } from "./element.ts";

const READING_TIME = 6000;

export interface Control {
  update(): void;
  say(message: string): void;
}

export function createControl(manager: Manager, openSettings: () => void): Control {
  const { config } = manager;
  const text = textsOf(config);
  const status = h("p", { role: "status", class: "status" });
  const reopen = button(text("reopen"), "pill", openSettings);
  // Giving takes one click, so taking back takes one (GDPR 7(3)): it does not hide behind the settings.
  const takeBack = button(text("withdraw"), "pill", () => withdraw(manager));
  const pills = h("div", { class: "pills" }, reopen, takeBack);
  const control = host(
    config,
    { role: "region", "aria-label": text("reopen") },
    h("div", { class: "control" }, status, pills),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    update() {
      const now = manager.decision();
      pills.hidden = !now;
      takeBack.hidden = !now || !grants(now.purposes);
      if (!control.isConnected) document.body.append(control);
    },
    say(message) {
      status.textContent = message;
      clearTimeout(timer);
      timer = setTimeout(() => {
        status.textContent = "";
      }, READING_TIME);
    },
  };
}
