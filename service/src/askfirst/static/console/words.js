/** What scripts say, in the language of the page: its messages come with the page itself. */

const messages = JSON.parse(document.body.dataset.words);

/** The reader's language as Intl understands it: English is written as in the rest of the world, days first. */
export const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

const plural = new Intl.PluralRules(locale);

/** Return a message with its values in their places; one that counts chooses its form by `count`. */
export function say(key, values = {}) {
  const message = messages[key];
  const text = typeof message === "string" ? message : (message[plural.select(values.count)] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? values[name].toLocaleString(locale) : values[name]));
}

/** Return a part of a whole in per cent. */
export const share = (part, whole) => `${Math.round((100 * part) / whole)} %`;
