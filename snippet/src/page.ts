/** The visitor's answer on this page: reads it, changes it, and tells the parts that act on it. It knows no user interface. */
import type { Answers, Config } from "./config.ts";
import { cookieValues, isPlain, jar, readableCopies, removeReceipt, writeReceipt } from "./cookie.ts";
import { type Decision, decide } from "./decision.ts";
import { listen, safely, warn } from "./guard.ts";
import { afterPaint } from "./paint.ts";
import { type Body, readQueue, type Waiting, writeQueue } from "./queue.ts";
import { grants, newestFirst, type Receipt } from "./receipt.ts";

// One page has one site and one answer, so they are kept here and not handed around.
export let config: Config;
export let decision: Decision | undefined;
/** The name under which waiting answers are stored and tabs take turns. */
export let key: string;

type Effect = (before: Decision | undefined) => unknown;
const sights: Effect[] = [];
const acts: Effect[] = [];
const sends: (() => void)[] = [];

let unwritten: Receipt | undefined;
let uncommitted: (() => void) | undefined;

const seconds = () => Date.now() / 1000;

const copies = (): Receipt[] => {
  const found = readableCopies(cookieValues(jar(), config.site, isPlain()), config.site, seconds());
  // A receipt that could not be written counts as long as the page.
  return found.length || !unwritten ? found : [unwritten];
};

/** True while the browser asks not to be sold or shared (Global Privacy Control). */
export const signal = (): boolean => !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;

/** The answers on their way, oldest first. */
export const waiting = (): Waiting[] => readQueue(key, Date.now());

const keep = (items: Waiting[]) => writeQueue(key, items);

const changeTo = (next: Decision | undefined) => {
  const before = decision;
  decision = next;
  for (const effect of sights) safely(() => effect(before));
  return () => {
    if (JSON.stringify(next?.purposes) !== JSON.stringify(before?.purposes))
      for (const effect of acts) safely(() => effect(before));
  };
};

/** Tells of every change at once: for what is seen. */
export const onSight = (effect: Effect): unknown => sights.push(effect);

/** Tells of every new answer once it was painted and stored: for what acts, in the order of these calls. */
export const onAct = (effect: Effect): unknown => acts.push(effect);

/** Tells that an answer waits to be sent. */
export const onSend = (send: () => void): unknown => sends.push(send);

/** True if this purpose may act in this browser now. */
export const allows = (purpose: string): boolean =>
  !!decision?.purposes[purpose] || config.purposes.some(({ id, necessary }) => necessary && id === purpose);

/** What this page's visitor granted before and does not grant any more. */
export const lostSince = (before: Decision | undefined): string[] =>
  Object.keys(before?.purposes ?? {}).filter((id) => before?.purposes[id] && !allows(id));

/** Reads the answer again: after another tab's, out of the back/forward cache, or when a receipt arrived. */
export const refresh = (strictly?: boolean): void => {
  uncommitted?.();
  const next = decide(config, copies(), waiting(), signal());
  // An answer can vanish by itself (it expired, cookies were cleared); the page keeps it until it ends.
  if (next || strictly) changeTo(next)();
};

/** Takes the visitor's answer; what is not in it is refused. */
export const choose = (method: Body["method"], answers: Answers): void => {
  uncommitted?.();
  const held = copies();
  const joined = newestFirst(held).find((copy) => copy.sub);
  const purposes: Answers = {};
  for (const { id, necessary } of config.purposes) if (!necessary) purposes[id] = !!answers[id];
  const body: Body = {
    v: 1,
    id: crypto.randomUUID(),
    policy: config.policy,
    build: config.build,
    language: config.language,
    purposes,
    method,
    at: Date.now(),
    gpc: signal(),
    rule: config.rule,
  };
  if (joined) body.receipt = joined.token;
  const item = { body, rev: config.revision, held: held.map((copy) => copy.token) };
  const before = decision;
  const act = changeTo(decide(config, held, [item], signal()));
  const commit = () => {
    if (uncommitted !== commit) return;
    uncommitted = undefined;
    keep([...waiting(), item]);
    // The server must not go on believing a grant that was just taken back, even while the service can not be reached.
    if (Object.keys(purposes).some((id) => before?.purposes[id] && !purposes[id])) {
      unwritten = undefined;
      removeReceipt(config.site);
    }
    act();
    for (const send of sends) safely(send);
  };
  uncommitted = commit;
  afterPaint(commit);
};

/** Takes the service's receipt for a waiting answer; without one the answer is given up. */
export const settle = (id: string, receipt?: Receipt): void => {
  const all = waiting();
  const item = all.find(({ body }) => body.id === id);
  const rest = all.filter((other) => other !== item);
  if (receipt && item) {
    if (!rest.length && copies().every((copy) => item.held.includes(copy.token))) {
      unwritten = undefined;
      if (!writeReceipt(receipt, config.shared, config.partitioned, seconds())) {
        unwritten = receipt;
        warn("the browser keeps no cookie here, so the answer counts for this page only");
      }
    }
    // Later answers were given by the same visitor after this one.
    for (const later of rest) {
      later.held.push(receipt.token);
      if (receipt.sub) later.body.receipt ??= receipt.token;
    }
  }
  keep(rest);
  if (receipt) refresh();
};

/** Takes each purpose's own answer. Nothing granted is a refusal, or a withdrawal where something was granted before. */
export const answer = (answers: Answers, method: "accept_all" | "custom"): void =>
  choose(grants(answers) ? method : grants(decision?.purposes) ? "withdraw" : "reject_all", answers);

/** Grants or refuses everything. */
export const answerAll = (granted: boolean): void => {
  const answers: Answers = {};
  for (const { id } of config.purposes) answers[id] = granted;
  answer(answers, "accept_all");
};

/** Refuses everything where something is granted; without a grant there is nothing to take back. */
export const withdraw = (): void => {
  if (grants(decision?.purposes)) answerAll(false);
};

/** Reads the answer that this page starts with. */
export const openPage = (given: Config): void => {
  config = given;
  key = `askfirst-${given.site}`;
  refresh(true);
  listen(window, "pagehide", () => uncommitted?.(), true);
};
