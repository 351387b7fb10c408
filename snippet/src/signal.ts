/** Global Privacy Control: where it answers everything there is to ask, it is recorded once, as the refusal that it is. */
import { optional } from "./config.ts";
import { type Manager, signal } from "./manager.ts";

/**
 * A signal that covers only some purposes is not recorded as an answer to the others: those are still the visitor's to give, and until
 * then nothing is allowed anyway.
 */
export function honourSignal(manager: Manager): void {
  const { config } = manager;
  const asked = optional(config);
  if (signal() && !manager.decision() && asked.length && asked.every((id) => config.gpc.includes(id)))
    manager.choose("signal", {});
}
