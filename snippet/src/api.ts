/** The one global name, and the event: what the page's own code can ask and do. */
import type { Decision } from "./decision.ts";
import { allows, decision, onAct, withdraw } from "./page.ts";
import { noteUse } from "./release.ts";

export interface Askfirst {
  /** The present answer, if there is one. */
  readonly decision: Decision | undefined;
  /** True if this purpose may act in this browser now. */
  allows(purpose: string): boolean;
  /** Resolves as soon as this purpose may act: at once, after an answer, or never on this page. */
  when(purpose: string): Promise<void>;
  /** Calls `listener` after each change of the answer; returns a function that ends it. */
  on(event: "decision", listener: (decision: Decision | undefined) => void): () => void;
  /** Opens the second layer. */
  open(): void;
  /** Takes back everything that was granted. */
  withdraw(): void;
}

export const createApi = (open: () => void): Askfirst => {
  onAct(() => document.dispatchEvent(new CustomEvent("askfirst:decision", { detail: structuredClone(decision) })));
  const mayAct = (purpose: string) => allows(purpose) && !!noteUse(purpose);
  return {
    get decision() {
      return structuredClone(decision);
    },
    allows: mayAct,
    when: (purpose) =>
      new Promise((resolve) => {
        const look = () => mayAct(purpose) && resolve();
        onAct(look);
        look();
      }),
    on: (event, listener) => {
      const heard = ({ detail }: CustomEventInit<Decision>) => listener(detail);
      document.addEventListener(`askfirst:${event}`, heard as EventListener);
      return () => document.removeEventListener(`askfirst:${event}`, heard as EventListener);
    },
    open,
    withdraw,
  };
};
