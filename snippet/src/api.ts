/** The one global name, and the events: what the page's own code can ask and do. */
import type { Answers } from "./config.ts";
import { chooseAll, type Manager } from "./manager.ts";
import { grants } from "./receipt.ts";
import { noteUse } from "./release.ts";
import { consentId } from "./subject.ts";

/** The visitor's answer as pages see it. */
export interface PublicDecision {
  /** Every optional purpose: true granted, false refused. */
  purposes: Answers;
  /** When it was given. */
  at: Date;
  /** The consent id, or null after a full refusal and until the service has answered. */
  consentId: string | null;
}

export interface Askfirst {
  /** The present answer, or null while there is none. */
  readonly decision: PublicDecision | null;
  /** True if this purpose may act in this browser now. */
  allows(purpose: string): boolean;
  /** Calls `listener` after each change of the answer; returns a function that ends it. */
  on(event: "decision", listener: (decision: PublicDecision | null) => void): () => void;
  /** Opens the second layer. */
  open(): void;
  /** Takes back everything that was granted. */
  withdraw(): void;
}

/** Refuses everything where something is granted; without a grant there is nothing to take back. */
export const withdraw = (manager: Manager): void => {
  if (grants(manager.decision()?.purposes ?? {})) chooseAll(manager, false);
};

export function createApi(manager: Manager, open: () => void): Askfirst {
  const decision = (): PublicDecision | null => {
    const now = manager.decision();
    return (
      now && {
        purposes: { ...now.purposes },
        at: new Date(now.at),
        consentId: now.subject ? consentId(now.subject) : null,
      }
    );
  };
  manager.acts.add(() => {
    document.dispatchEvent(new CustomEvent("askfirst:decision", { detail: decision() }));
  });
  return {
    get decision() {
      return decision();
    },
    allows: (purpose) => {
      const granted = manager.allows(purpose);
      if (granted) noteUse(purpose);
      return granted;
    },
    on: (event, listener) => {
      const type = `askfirst:${event}`;
      const heard = (happened: Event) => listener((happened as CustomEvent<PublicDecision | null>).detail);
      document.addEventListener(type, heard);
      return () => document.removeEventListener(type, heard);
    },
    open,
    withdraw: () => withdraw(manager),
  };
}
