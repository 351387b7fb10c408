/** The Merkle tree of RFC 6962, as far as an inclusion proof needs it. */
import { join } from "./bytes.ts";

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** Return the hash of a leaf. */
export const leafHash = (leaf: Uint8Array) => sha256(join(Uint8Array.of(0), leaf));

const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(join(Uint8Array.of(1), left, right));

/** Return the root that a leaf at `index` of `size` leads to by its audit path (RFC 9162, 2.1.3.2); undefined for a path
 * that no such leaf has. */
export const rootOf = async (
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  path: Uint8Array[],
): Promise<Uint8Array | undefined> => {
  if (index >= size) return undefined;
  let at = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) return undefined;
    if (at & 1n || at === last) {
      hash = await nodeHash(sibling, hash);
      while (!(at & 1n) && at) {
        at >>= 1n;
        last >>= 1n;
      }
    } else hash = await nodeHash(hash, sibling);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? hash : undefined;
};
