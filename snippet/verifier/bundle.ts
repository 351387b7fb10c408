/** Reads a proof bundle (formats.md 8) with a public key alone, in any page or program that has WebCrypto. */
import { base64, base64url, join, same, toBase64url } from "./bytes.ts";
import { type Checkpoint, openNote, readCheckpoint, readKey } from "./note.ts";
import { leafHash, rootOf } from "./tree.ts";

export interface Proven {
  checkpoint: Checkpoint;
  index: bigint;
  what: Record<string, unknown>;
  who: Record<string, unknown>;
  leaf: Uint8Array;
}

/** Why a bundle proves nothing: it can not be read, its entry stands elsewhere, or the log's key did not sign. */
export type Failure = "proof" | "place" | "signature";

const MAX_BYTES = 2_000_000;
const SHAPE =
  /^c2sp\.org\/tlog-proof@v1\nextra (\S*)\nindex (0|[1-9][0-9]{0,18})((?:\n[A-Za-z0-9+/]{43}=){0,63})\n\n([^]+)$/;
const KIND = /^[a-z:_]{1,64}$/;
const FORGETTING = ["record:erased", "record:retained"];

/** Return what a bundle proves about the log of a verifier key; undefined where it proves nothing. */
export const openBundle = async (file: Uint8Array, keyText: string): Promise<Proven | undefined> => {
  const found = await explainBundle(file, keyText);
  return typeof found === "string" ? undefined : found;
};

/** Return what a bundle proves about the log of a verifier key, or why it proves nothing. */
export const explainBundle = async (file: Uint8Array, keyText: string): Promise<Proven | Failure> => {
  const key = await readKey(keyText);
  if (!key || file.length > MAX_BYTES) return "proof";
  const [, extra, index, lines, note] = SHAPE.exec(text(file) ?? "") ?? [];
  if (extra === undefined || index === undefined || lines === undefined || note === undefined) return "proof";
  const opening = readOpening(base64(extra));
  const path = lines.split("\n").slice(1).map(base64);
  if (!opening || !path.every((hash) => hash?.length === 32)) return "proof";
  const signed = await openNote(note, key);
  const checkpoint = signed === undefined ? undefined : readCheckpoint(signed);
  if (checkpoint?.origin !== key.name) return "signature";
  const leaf = await leafHash(await leafOf(opening));
  const root = await rootOf(BigInt(index), checkpoint.size, leaf, path as Uint8Array[]);
  if (!root || !same(root, checkpoint.root)) return "place";
  return { checkpoint, index: BigInt(index), what: opening.what.members, who: opening.who.members, leaf };
};

interface Part {
  bytes: Uint8Array;
  salt: Uint8Array<ArrayBuffer>;
  members: Record<string, unknown>;
}

interface Opening {
  what: Part;
  who: Part;
}

const readOpening = (bytes: Uint8Array | undefined): Opening | undefined => {
  const given = bytes && members(bytes);
  if (given?.v !== 1 || Object.keys(given).sort().join() !== "v,what,what_salt,who,who_salt") return undefined;
  const what = part(given.what, given.what_salt);
  const who = part(given.who, given.who_salt);
  if (!what || !who) return undefined;
  const { kind } = what.members;
  if (typeof kind !== "string" || !KIND.test(kind) || FORGETTING.includes(kind)) return undefined;
  // Both parts name the entry that they belong to.
  const name = kind === "decision:recorded" ? "record" : "entry";
  const named = what.members[name];
  return typeof named === "string" && named === who.members[name] ? { what, who } : undefined;
};

const part = (bytesText: unknown, saltText: unknown): Part | undefined => {
  if (typeof bytesText !== "string" || typeof saltText !== "string") return undefined;
  const bytes = base64url(bytesText);
  const salt = base64url(saltText);
  const found = bytes && members(bytes);
  return bytes && found && salt?.length === 32 ? { bytes, salt, members: found } : undefined;
};

const leafOf = async ({ what, who }: Opening) => {
  const commitments = await Promise.all([commit("askfirst-what-v1", what), commit("askfirst-who-v1", who)]);
  const [first, second] = commitments.map(toBase64url);
  return join(JSON.stringify({ kind: what.members.kind, v: 1, what: first, who: second }));
};

const commit = async (label: string, { bytes, salt }: Part) => {
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, join(label, "\0", bytes)));
};

/** Return the object in canonical JSON (RFC 8785); undefined for any other bytes, also for repeated members. */
const members = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  const written = text(bytes);
  if (written === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return canonical(value) === written ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Return a value as canonical JSON (RFC 8785), as far as our formats have values. */
export const canonical = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
};

/** Return bytes as UTF-8 text; undefined for any others. */
export const text = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
