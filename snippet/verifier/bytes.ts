/** Bytes as the formats write them: each text stands for one sequence of bytes, and no other text does. */

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const encode = (bytes: Uint8Array, alphabet: string, pad: string): string => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit++)
      text += at + digit > bytes.length ? pad : alphabet[(group >> (18 - 6 * digit)) & 63];
  }
  return text;
};

const decode = (text: string, alphabet: string, pad: string): Uint8Array<ArrayBuffer> | undefined => {
  const digits = pad ? text.replace(/=+$/, "") : text;
  const bytes = new Uint8Array((digits.length * 6) >> 3);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 255;
  }
  return encode(bytes, alphabet, pad) === text ? bytes : undefined;
};

/** Return the bytes of standard base64 with padding; undefined for any other text. */
export const base64 = (text: string) => decode(text, `${DIGITS}+/`, "=");

/** Return the bytes of base64url without padding; undefined for any other text. */
export const base64url = (text: string) => decode(text, `${DIGITS}-_`, "");

/** Return bytes as base64url without padding. */
export const toBase64url = (bytes: Uint8Array) => encode(bytes, `${DIGITS}-_`, "");

/** Return texts and bytes one after the other. */
export const join = (...parts: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> => {
  const all = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const joined = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** Tell whether two sequences of bytes are the same. */
export const same = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);
