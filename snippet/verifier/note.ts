/** Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), read with one verifier key. */
import { base64, join, same } from "./bytes.ts";

export interface VerifierKey {
  name: string;
  id: Uint8Array;
  point: Uint8Array<ArrayBuffer>;
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Uint8Array;
}

const ED25519 = 1;

/** Return the key of a verifier key string; undefined for any other text. */
export const readKey = async (text: string): Promise<VerifierKey | undefined> => {
  const [, name, hex, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = encoded === undefined ? undefined : base64(encoded);
  if (name === undefined || hex === undefined || bytes?.length !== 33 || bytes[0] !== ED25519) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", join(name, "\n", bytes)));
  const id = digest.slice(0, 4);
  const written = Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return written === hex ? { name, id, point: bytes.slice(1) } : undefined;
};

/** Return the text of a note that the key signed; undefined for any other. */
export const openNote = async (note: string, key: VerifierKey): Promise<string | undefined> => {
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, at + 1);
  const lines = note.slice(at + 2, -1).split("\n");
  const point = await crypto.subtle.importKey("raw", key.point, "Ed25519", false, ["verify"]);
  let held = false;
  for (const line of lines) {
    const [, name, encoded] = /^— ([^+\s]+) (\S+)$/.exec(line) ?? [];
    const field = encoded === undefined ? undefined : base64(encoded);
    if (name === undefined || field === undefined || field.length < 5) return undefined;
    // Signatures of keys that are not asked about, witnesses' say, are passed over.
    if (name !== key.name || !same(field.slice(0, 4), key.id)) continue;
    if (held || field.length !== 68) return undefined;
    held = await crypto.subtle.verify("Ed25519", point, field.slice(4), new TextEncoder().encode(text));
    if (!held) return undefined;
  }
  return held ? text : undefined;
};

/** Return the checkpoint in the text of a note; undefined for any other. */
export const readCheckpoint = (text: string): Checkpoint | undefined => {
  const [, origin, size, encoded] = /^([^+\s]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n(?:[^\n]+\n)*$/.exec(text) ?? [];
  const root = encoded === undefined ? undefined : base64(encoded);
  if (origin === undefined || size === undefined || root?.length !== 32) return undefined;
  return { origin, size: BigInt(size), root };
};
