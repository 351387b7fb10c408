/** Checks a proof bundle as one document (formats.md 10), step by step; a step that fails says why by a name. */
import { type Failure, type Proven, canonical, explainBundle, text } from "./bundle.ts";
import { base64url, join, toBase64url } from "./bytes.ts";
import { type VerifierKey, readKey } from "./note.ts";
import type { Difference, Policy } from "./policy.ts";

export type Json = Record<string, unknown>;

export interface Checked {
  /** What failed; undefined where everything holds. */
  failure?: Failure | "form" | "keys" | "receipt" | "receipt-other" | "policy" | "statement" | "shown" | "crypto";
  /** What a page shows otherwise, where that failed. */
  difference?: Difference | undefined;
  /** The steps that hold, in order. */
  held: string[];
  proven?: Proven;
  policy?: Policy;
  statement?: Json;
  /** The verifier keys that were believed: the log's, and those of receipt and statement. */
  key?: string;
  receiptKeys?: string[];
}

const FORMAT = "askfirst/bundle/1";
const MEMBERS = "format,key,policy,proof,receipt,receipt_keys,signature,statement";
const TOKEN = /^([\w-]+)\.([\w-]{91})$/;
const RECEIPTS = "/receipts";
const DAY = 86_400;

/** True if this browser can check Ed25519 signatures. */
export const canCheck = async (): Promise<boolean> => {
  try {
    const point = base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo") as Uint8Array<ArrayBuffer>;
    await crypto.subtle.importKey("raw", point, "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
};

/** Check a document's bytes, believing the keys in it. */
export const checkDocument = async (written: string): Promise<Checked> => {
  const held: string[] = [];
  if (!(await canCheck())) return { failure: "crypto", held };
  const document = read(written);
  const key = document && (await readKey(document.key as string));
  if (!document || !key) return { failure: "form", held };
  held.push("form");
  const proven = await explainBundle(new TextEncoder().encode(document.proof as string), document.key as string);
  if (typeof proven === "string") return { failure: proven, held };
  if (proven.what.kind !== "decision:recorded") return { failure: "form", held };
  held.push("entry", "checkpoint");
  const keys = await receiptKeys(document, key);
  if (!keys) return { failure: "keys", held };
  const receipt = await payload(document.receipt as string, "receipt", keys);
  if (!receipt) return { failure: "receipt", held };
  if (!saysTheSame(receipt, proven)) return { failure: "receipt-other", held };
  held.push("receipt");
  const policy = await readPolicy(document.policy as string, proven.what);
  if (!policy) return { failure: "policy", held };
  held.push("policy");
  const statement = document.statement as Json;
  const signed = await payload(document.signature as string, "statement", keys);
  const expected = { digest: await digest(canonical(statement)), record: proven.what.record, v: 1 };
  if (!signed || canonical(signed) !== canonical(expected)) return { failure: "statement", held };
  held.push("statement");
  const believed = { key: document.key as string, receiptKeys: document.receipt_keys as string[] };
  return { held, proven, policy, statement, ...believed };
};

const read = (written: string): Json | undefined => {
  try {
    const found = JSON.parse(written) as Json;
    const right =
      Object.keys(found).sort().join() === MEMBERS &&
      found.format === FORMAT &&
      ["key", "policy", "proof", "receipt", "signature"].every((name) => typeof found[name] === "string") &&
      Array.isArray(found.receipt_keys) &&
      found.receipt_keys.every((one) => typeof one === "string") &&
      typeof found.statement === "object" &&
      found.statement !== null &&
      !Array.isArray(found.statement);
    return right && canonical(found).replaceAll("<", "\\u003c") === written ? found : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Return the receipt keys by their id; undefined unless they are exactly those that are needed. Whose they are is for the reader to know: a
 * log that took over goes on with the keys of the one before it.
 */
const receiptKeys = async (document: Json, log: VerifierKey): Promise<Map<string, VerifierKey> | undefined> => {
  const found = new Map<string, VerifierKey>();
  // A key for receipts signs for no log.
  if (log.name.endsWith(RECEIPTS)) return undefined;
  for (const one of document.receipt_keys as string[]) {
    const key = await readKey(one);
    if (!key?.name.endsWith(RECEIPTS) || found.has(`${key.id}`)) return undefined;
    found.set(`${key.id}`, key);
  }
  const used = new Set<string>();
  for (const token of [document.receipt, document.signature]) {
    const [, , field] = TOKEN.exec(token as string) ?? [];
    const bytes = field === undefined ? undefined : base64url(field);
    if (!bytes) return undefined;
    used.add(`${bytes.slice(0, 4)}`);
  }
  return used.size === found.size && [...used].every((id) => found.has(id)) ? found : undefined;
};

/** Return the payload of a signed token (formats.md 2); undefined for any other text. */
const payload = async (token: string, salt: string, keys: Map<string, VerifierKey>): Promise<Json | undefined> => {
  const [, written, field] = TOKEN.exec(token) ?? [];
  const bytes = field === undefined ? undefined : base64url(field);
  const body = written === undefined ? undefined : base64url(written);
  const key = bytes && keys.get(`${bytes.slice(0, 4)}`);
  if (!bytes || !body || !key || written === undefined) return undefined;
  const length = Uint8Array.of(salt.length >> 8, salt.length & 255);
  const message = join("askfirst-token-v1", "\0", length, salt, key.id, written);
  const point = await crypto.subtle.importKey("raw", key.point, "Ed25519", false, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", point, bytes.slice(4), message))) return undefined;
  try {
    const said = text(body);
    const found = JSON.parse(said ?? "") as Json;
    return canonical(found) === said ? found : undefined;
  } catch {
    return undefined;
  }
};

const saysTheSame = (receipt: Json, { what, who, leaf }: Proven): boolean => {
  const given = Math.floor((what.server_time as number) / 1000);
  const digest = (what.policy as string).slice(0, 32);
  const short = Uint8Array.from(digest.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const common: Json = { site: what.site, p: what.purposes, rev: what.revision, pol: toBase64url(short) };
  const own: Json = receipt.sub
    ? {
        sub: who.subject,
        rec: what.record,
        leaf: toBase64url(leaf),
        iat: given,
        m: what.method,
        gpc: what.gpc,
        rule: what.rule,
      }
    : { iat: given - (given % DAY) };
  return Object.entries({ ...common, ...own }).every(
    ([name, value]) => canonical(receipt[name] ?? null) === canonical(value ?? null),
  );
};

const readPolicy = async (written: string, what: Json): Promise<Policy | undefined> => {
  if ((await digest(written)) !== what.policy) return undefined;
  // What has this digest was published, so that it has the form of a policy.
  const policy = JSON.parse(written) as Policy;
  return policy.languages.includes(what.language as string) ? policy : undefined;
};

const digest = async (written: string): Promise<string> => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", join(written)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
