/** The visitor's answer on this page: reads it, changes it, and tells the parts that act on it. It knows no user interface. */
import type { Answers, Config, More, Purpose } from "./config.ts";
import { cookies, readCopies, removeReceipt, writeReceipt } from "./cookie.ts";
import { type Decision, decide } from "./decision.ts";
import { listen, safely, warn } from "./guard.ts";
import { type Body, readQueue, type Waiting, writeQueue } from "./queue.ts";
import { grants, type Receipt } from "./receipt.ts";

// One page has one site and one answer, so they are kept here and not handed around.
let policy: string;
let build: string;
let revision: number;
export let site: string;
export let service: string;
export let language: string;
export let texts: string[];
export let purposes: Purpose[];
export let more: More;
/** The ids of the purposes that a visitor is asked about. */
export let ids: string[];
/** The name under which waiting answers are stored. */
export let key: string;
export let decision: Decision | undefined;
/** What may act without an answer, where the rule of the visitor's region lets it. */
let assumed: Answers = {};
/** True where nobody has to be asked or told before. */
export let quiet: boolean | undefined;
let rule: string;
/** The site's own address for what the service does, and the one for files that few pages load. */
let mount: string | undefined;
export let files: string;
/** True while only what every page needs is here (`slim` in packed_config.py). */
let slim: boolean;

type Effect = () => unknown;
const acts: Effect[] = [];
/** Shows the present answer, and sends what waits. */
let show: Effect;
let send: Effect;

let unwritten: Receipt | undefined;
/** Ends the time in which an answer is shown and nothing acts on it yet. */
export let uncommitted: (() => void) | undefined;

const copies = (): Receipt[] => {
  const found = readCopies(cookies(), site, Date.now() / 1000);
  // A receipt that could not be written counts as long as the page.
  return found[0] || !unwritten ? found : [unwritten];
};

/** Where the service does this for the site: at the site's own mount, where it has one. */
export const at = (name: string): string => (mount ? `${mount}/${name}` : `${service}/${name}/${site}`);

/** True while the browser asks not to be sold or shared (Global Privacy Control). */
export const signal = (): boolean => !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;

/** The answers on their way, oldest first. */
export const waiting = (): Waiting[] => readQueue(key);

/** Tells of every new answer once it was painted and stored: for what acts, in the order of these calls. */
export const onAct = (effect: Effect): unknown => acts.push(effect);

/** True if this purpose may act in this browser now. What every object has, like `constructor`, is no purpose. */
export const allows = (id: string): boolean =>
  id === "necessary" || (decision ? decision.purposes : assumed)[id] === true;

/** True if anything optional may act. */
export const anyAllowed = (): boolean => ids.some(allows);

const said = () => [!decision, ...ids.map(allows)].join();

/** Makes a change and shows it; returns what is to be done after the paint: to show the rest of it, and to act. */
const change = (make: () => void): (() => void) => {
  const before = said();
  make();
  safely(show);
  return () => {
    safely(show);
    if (said() !== before) acts.forEach(safely);
  };
};

const decideWith = (held: Receipt[], queue: Waiting[]) => decide(ids, revision, more, held, queue, signal());

/** Reads the answer again: after another tab's, out of the back/forward cache, or when a receipt arrived. */
export const refresh = (strictly?: boolean): void => {
  uncommitted?.();
  const found = copies();
  const next = decideWith(found, waiting());
  // An answer can vanish by itself (it expired, cookies were cleared); the page keeps it until it ends, or until one to another policy comes.
  if (next || strictly || found[0])
    change(() => {
      decision = next;
    })();
};

/** Follows the rule of the visitor's region, which lets these purposes act until there is an answer. */
export const follow = (id: string, freely: Answers, silently: boolean): void =>
  change(() => {
    rule = id;
    assumed = freely;
    quiet = silently;
  })();

/** Takes the visitor's answer. Nothing granted is a refusal, or a withdrawal where something was granted before. */
export const choose = (granted: (id: string) => boolean, method: Body["method"] = "custom"): void => {
  uncommitted?.();
  const held = copies();
  const purposes: Answers = {};
  for (const id of ids) purposes[id] = granted(id);
  const body: Body = {
    v: 1,
    id: crypto.randomUUID(),
    policy,
    build,
    language,
    purposes,
    method: grants(purposes) || method === "signal" ? method : decision && anyAllowed() ? "withdraw" : "reject_all",
    at: Date.now(),
    gpc: signal(),
    rule,
    receipt: held.find(({ sub }) => sub)?.token,
  };
  const item = { body, rev: revision, held: held.map(({ token }) => token) };
  const lost = ids.some((id) => allows(id) && !purposes[id]);
  const act = change(() => {
    decision = decideWith(held, [item]);
  });
  // Once the next frame is on the screen, which takes slow machines some 25 ms more than drawing it; a hidden page paints
  // none, and a page may end before.
  const commit = () => {
    if (uncommitted !== commit) return;
    uncommitted = undefined;
    writeQueue(key, [...waiting(), item]);
    // The server must not go on believing a grant that was just taken back, even while the service can not be reached.
    if (lost) {
      unwritten = undefined;
      removeReceipt(site);
    }
    act();
    send();
  };
  uncommitted = commit;
  requestAnimationFrame(() => setTimeout(commit, 28));
  setTimeout(commit, 150);
};

/** Takes the service's receipt for a waiting answer; without one the answer is given up. */
export const settle = (id: string, receipt?: Receipt): void => {
  const rest = waiting();
  const at = rest.findIndex(({ body }) => body.id === id);
  if (at < 0) return;
  const [{ held }] = rest.splice(at, 1) as [Waiting];
  if (receipt) {
    if (!rest[0] && copies().every(({ token }) => held.includes(token))) {
      // A mount has set it already, over HTTP, which makes it last.
      unwritten = cookies().includes(receipt.token) || writeReceipt(receipt, more.cookie) ? undefined : receipt;
      if (unwritten) warn("no cookies: this answer ends with the page");
    }
    // Later answers were given by the same visitor after this one.
    for (const later of rest) {
      later.held.push(receipt.token);
      if (receipt.sub) later.body.receipt ??= receipt.token;
    }
  }
  writeQueue(key, rest);
  if (receipt) refresh();
};

/** Refuses everything where anything may act; without that there is nothing to take back. */
export const withdraw = (): void => {
  if (anyAllowed()) choose(() => false);
};

/** Takes the policy, in this language. */
export const speak = (given: Config): void => {
  let version: number;
  [version, site, service, policy, build, revision, language, texts, purposes, more] = given;
  slim = version > 2;
  ids = purposes.flatMap(([id]) => (id === "necessary" ? [] : id));
};

/** Fetches what the site's script leaves out of the policy for its size, or everything in another language: of two the one that comes first. */
export const tell = async (wanted = language, from = language): Promise<void> => {
  if (slim || wanted !== from) {
    const told = await (await fetch(`${files}/c/${site}/${policy}/${build}/${wanted}.json`)).json();
    if (from === language) speak(told);
  }
};

/** Reads the answer that this page starts with. */
export const openPage = (given: Config, shows: Effect, sends: Effect): void => {
  speak(given);
  show = shows;
  send = sends;
  mount = more.mount;
  files = more.files ?? service;
  key = `askfirst-${site}`;
  rule = more.rule ?? "default";
  refresh(true);
  listen(window, "pagehide", () => uncommitted?.());
};
