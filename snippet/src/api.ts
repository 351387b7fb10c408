/** The one global name, and the event: what the page's own code can ask and do. */
import type { Answers } from "./config.ts";
import { allows, decision, onAct, withdraw } from "./page.ts";
import { noteUse } from "./release.ts";
import { consentId } from "./subject.ts";

/** The visitor's answer as pages see it. */
export interface PublicDecision {
  /** Every optional purpose: true granted, false refused. */
  purposes: Answers;
  /** When it was given, ms since 1970. */
  at: number;
  /** The consent id; none after a full refusal and until the service has answered. */
  consentId?: string | undefined;
}

export interface Askfirst {
  /** The present answer, if there is one. */
  readonly decision: PublicDecision | undefined;
  /** True if this purpose may act in this browser now. */
  allows(purpose: string): boolean;
  /** Calls `listener` after each change of the answer; returns a function that ends it. */
  on(event: "decision", listener: (decision: PublicDecision | undefined) => void): () => void;
  /** Opens the second layer. */
  open(): void;
  /** Takes back everything that was granted. */
  withdraw(): void;
}

const publicDecision = (): PublicDecision | undefined =>
  decision && {
    purposes: { ...decision.purposes },
    at: decision.at,
    consentId: decision.sub && consentId(decision.sub),
  };

export function createApi(open: () => void): Askfirst {
  onAct(() => document.dispatchEvent(new CustomEvent("askfirst:decision", { detail: publicDecision() })));
  return {
    get decision() {
      return publicDecision();
    },
    allows: (purpose) => {
      const granted = allows(purpose);
      if (granted) noteUse(purpose);
      return granted;
    },
    on: (event, listener) => {
      const heard = (happened: Event) => listener((happened as CustomEvent<PublicDecision | undefined>).detail);
      document.addEventListener(`askfirst:${event}`, heard);
      return () => document.removeEventListener(`askfirst:${event}`, heard);
    },
    open,
    withdraw,
  };
}
