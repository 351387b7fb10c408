/** The one place that knows the visitor's answer: reads it, changes it, and tells the parts that act on it. It knows no user interface. */
import { type Answers, type Config, optional } from "./config.ts";
import { cookieValues, jar, readableCopies, removeReceipt, writeReceipt } from "./cookie.ts";
import { type Decision, decide } from "./decision.ts";
import { safe, warn } from "./guard.ts";
import { afterPaint } from "./paint.ts";
import { keep, type Request, waiting } from "./queue.ts";
import { grants, newest, type Receipt } from "./receipt.ts";

export type Effect = (now: Decision | null, before: Decision | null) => void;

export interface Manager {
  config: Config;
  /** The present decision, or null while the visitor has not answered. */
  decision(): Decision | null;
  /** True if this purpose may act in this browser now. */
  allows(purpose: string): boolean;
  /** Takes the visitor's answer. */
  choose(method: Request["method"], answers: Answers): void;
  /** Reads the answer again: another tab, a page out of the back/forward cache, a receipt that arrived. */
  refresh(strict?: boolean): void;
  /** Takes the service's receipt for the answer with this id; without one the answer is given up. */
  settle(id: string, receipt?: Receipt): void;
  /** Told at once of every change: what is seen. */
  seen: Set<Effect>;
  /** Told after the next paint if the answer itself changed: what acts, in this order. */
  acts: Set<Effect>;
  /** Told when an answer waits to be sent. */
  sends: Set<() => void>;
}

/** True while the browser asks not to be sold or shared (Global Privacy Control). */
export const signal = (): boolean => (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;

/** A random UUID; `crypto.randomUUID` is missing on plain http. */
const uuid = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = Array.from(bytes, (byte, i) =>
    (i === 6 ? (byte & 15) | 64 : i === 8 ? (byte & 63) | 128 : byte).toString(16).padStart(2, "0"),
  ).join("");
  return text.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

export function createManager(config: Config): Manager {
  const { site } = config;
  const seen = new Set<Effect>();
  const acts = new Set<Effect>();
  const sends = new Set<() => void>();
  // A receipt that could not be written as a cookie counts as long as the page.
  let unwritten: Receipt | undefined;
  let commit: (() => void) | undefined;

  const seconds = () => Date.now() / 1000;
  const copies = (): Receipt[] => {
    const found = readableCopies(cookieValues(jar(), site, location), site, seconds());
    return found.length || !unwritten ? found : [unwritten];
  };
  const read = () => decide(config, copies(), waiting(site), signal());
  let current = read();

  const change = (next: Decision | null): (() => void) => {
    const before = current;
    current = next;
    for (const effect of seen) safe(effect)(next, before);
    return () => {
      if (JSON.stringify(next?.purposes) === JSON.stringify(before?.purposes)) return;
      for (const effect of acts) safe(effect)(next, before);
    };
  };

  const choose: Manager["choose"] = (method, answers) => {
    commit?.();
    const held = copies();
    const subject = newest(held.filter((copy) => copy.sub));
    const request: Request = {
      v: 1,
      id: uuid(),
      policy: config.policy,
      build: config.build,
      language: config.language,
      purposes: Object.fromEntries(optional(config).map((id) => [id, answers[id] === true])),
      method,
      at: Date.now(),
      gpc: signal(),
      rule: config.rule,
      ...(subject ? { receipt: subject.token } : {}),
    };
    const item = { request, revision: config.revision, held: held.map((copy) => copy.token) };
    // The server must not go on believing a grant that was just taken back, even if the service can not be reached now.
    const less = optional(config).some((id) => current?.purposes[id] && !request.purposes[id]);
    const act = change(decide(config, held, [item], signal()));
    commit = () => {
      commit = undefined;
      keep(site, [...waiting(site), item]);
      if (less) {
        unwritten = undefined;
        removeReceipt(config);
      }
      act();
      for (const send of sends) safe(send)();
    };
    const now = commit;
    afterPaint(() => commit === now && now());
  };

  const refresh = (strict?: boolean) => {
    commit?.();
    const next = read();
    // An answer can vanish by itself (it expired, cookies were cleared); the page keeps it until it ends.
    if (next || strict) change(next)();
  };

  const settle = (id: string, receipt?: Receipt) => {
    const all = waiting(site);
    const item = all.find((other) => other.request.id === id);
    const rest = all.filter((other) => other !== item);
    if (item && receipt) {
      if (!rest.length && copies().every((copy) => item.held.includes(copy.token))) {
        writeReceipt(config, receipt, seconds());
        unwritten = jar().includes(receipt.token) ? undefined : receipt;
        if (unwritten) warn("the answer can not be kept as a cookie here, so it counts for this page only");
      }
      for (const later of rest) {
        later.held.push(receipt.token);
        if (receipt.sub) later.request.receipt ??= receipt.token;
      }
    }
    if (item) keep(site, rest);
    if (receipt) refresh();
  };

  addEventListener("pagehide", () => commit?.(), true);

  return {
    config,
    seen,
    acts,
    sends,
    choose,
    refresh,
    settle,
    decision: () => current,
    allows: (purpose) =>
      config.purposes.some((known) => known.id === purpose && known.necessary) || current?.purposes[purpose] === true,
  };
}

/** Answers every optional purpose alike. */
export const chooseAll = (manager: Manager, granted: boolean): void =>
  chooseEach(
    manager,
    Object.fromEntries(optional(manager.config).map((id) => [id, granted])),
    granted ? "accept_all" : undefined,
  );

/** Answers each optional purpose by itself. Nothing granted is a refusal, or a withdrawal where something was granted before. */
export const chooseEach = (manager: Manager, answers: Answers, method: Request["method"] = "custom"): void =>
  manager.choose(
    grants(answers) ? method : grants(manager.decision()?.purposes ?? {}) ? "withdraw" : "reject_all",
    answers,
  );
