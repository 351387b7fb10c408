/** The pseudonymous subject, and the consent id under which a visitor reads it out (formats.md, 1.1). */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** True for 21 characters of the alphabet of which the last one fits the others. */
export function isSubject(text: unknown): text is string {
  if (typeof text !== "string" || !/^[0-9A-HJKMNP-TV-Z]{21}$/.test(text)) return false;
  let check = 0;
  for (let i = 19; i >= 0; i--) {
    check = (check ^ ALPHABET.indexOf(text.charAt(i))) << 1;
    if (check & 32) check ^= 37;
  }
  return ALPHABET.charAt(check) === text.charAt(20);
}

/** The subject as people read it: three groups of seven. */
export const consentId = (subject: string): string => subject.replace(/.{7}(?=.)/g, "$&-");
