/** One purpose as a row: a name, a sentence, a switch, and its services folded out under it. */
import type { Purpose } from "../config.ts";
import { listen } from "../guard.ts";
import { allows, config } from "../page.ts";
import { h, set, text } from "./element.ts";
import { serviceDetails } from "./service.ts";

/** Returns the row. `turn` is told the switch's state, now and after each change; the necessary purpose has no switch. */
export function purposeRow({ id, name, description, necessary }: Purpose, turn: (on: boolean) => void): HTMLElement {
  const services = config.services.filter(({ purpose }) => purpose === id);
  const toggle = set(h("input"), { type: "checkbox", role: "switch", "aria-describedby": id }) as HTMLInputElement;
  // The state is a word, not only a colour and a place (WCAG 1.4.1). Screen readers have it from the switch itself.
  const state = set(h("span.quiet"), { "aria-hidden": "true" });
  const show = () => {
    turn(toggle.checked);
    state.textContent = text(toggle.checked ? "on" : "off");
  };
  toggle.checked = allows(id);
  listen(toggle, "change", show);
  show();
  return h(
    "li",
    necessary
      ? h("div.line", h("h3", name), h("span.quiet", text("always_on")))
      : h("label.line", h("h3", name), state, toggle),
    set(h("p", description), { id }),
    services.length > 0 &&
      h(
        "details",
        h(
          "summary",
          `${text("services")} (${services.length}), ${text("cookies")} (${services.reduce((sum, { cookies }) => sum + (cookies?.length ?? 0), 0)})`,
        ),
        ...services.map(serviceDetails),
      ),
  );
}
