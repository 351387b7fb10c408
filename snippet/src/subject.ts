/** The pseudonymous subject, and the consent id under which a visitor reads it out (formats.md, 1.1). */

/** True for 21 characters of the alphabet of which the last one fits the others. */
export function isSubject(text: string): boolean {
  let sum = 0;
  for (const character of [...text.slice(20), ...text.slice(0, 20)].reverse()) {
    const value = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(character);
    if (value < 0) return false;
    // The weighted sum with the check character itself in it, by Horner's rule over GF(32), is zero.
    sum = (sum << 1) ^ (sum & 16 ? 37 : 0) ^ value;
  }
  return text.length === 21 && !sum;
}

/** The subject as people read it: three groups of seven. */
export const consentId = (subject: string): string => subject.replace(/.{7}(?=.)/g, "$&-");
