/** One purpose as a row: a name, a sentence, a switch, and its services folded out under it. */
import type { Config, Purpose } from "../config.ts";
import { h, type textsOf } from "./element.ts";
import { serviceDetails } from "./service.ts";

export interface PurposeRow {
  id: string;
  row: HTMLElement;
  /** What the visitor set; the necessary purpose has no switch. */
  isOn(): boolean;
}

export function purposeRow(
  config: Config,
  text: ReturnType<typeof textsOf>,
  purpose: Purpose,
  granted: boolean,
): PurposeRow {
  const services = config.services.filter((service) => service.purpose === purpose.id);
  const cookies = services.flatMap((service) => service.cookies ?? []);
  const name = h("span", { class: "name" }, purpose.name);
  const about = `about-${purpose.id}`;
  const toggle = h("input", { type: "checkbox", role: "switch", "aria-describedby": about });
  toggle.checked = granted;
  // The state is a word, not only a colour and a place (WCAG 1.4.1). Screen readers have it from the switch itself.
  const state = h("span", { class: "state", "aria-hidden": "true" });
  const show = () => {
    state.textContent = text(toggle.checked ? "on" : "off");
  };
  toggle.addEventListener("change", show);
  show();
  const row = h(
    "li",
    { class: "purpose" },
    purpose.necessary
      ? h("div", { class: "line" }, h("h3", {}, name), h("span", { class: "state" }, text("always_on")))
      : h("label", { class: "line" }, h("h3", {}, name), state, toggle),
    h("p", { id: about }, purpose.description),
    services.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, `${text("services")} (${services.length}) · ${text("cookies")} (${cookies.length})`),
        ...services.map((service) => serviceDetails(service, text)),
      ),
  );
  return { id: purpose.id, row, isOn: () => toggle.checked };
}
