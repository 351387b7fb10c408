/** What a policy asked in one language, word for word: shown by the page of a proof, and held against a record's page. */
import type { Policy } from "./policy.ts";

export const fill = (text: string, values: Record<string, unknown>) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => `${values[name] ?? whole}`);

/** The line that names who asks and for what, and how far an answer reaches where it is tied to an account. */
export const about = ({ accounts, controller, purposes, texts }: Policy, language: string) => {
  const asked = purposes.filter(({ mode }) => mode !== null).map(({ name }) => name[language]);
  const line = fill(`${texts[language]?.about ?? ""}`, { controller: controller.name, purposes: asked.join(", ") });
  const told = accounts?.[language]?.told;
  return told === undefined ? line : `${line} ${told}`;
};

const UNITS: Record<string, string> = {
  Y: "year",
  M: "month",
  W: "week",
  D: "day",
  TH: "hour",
  TM: "minute",
  TS: "second",
};

/** A duration as people say it; `words` are the policy's own. */
const duration = (written: string, words: Record<string, unknown>, language: string) => {
  const [, clock, number, letter] = /^P(T?)([0-9]+)([A-Z])$/.exec(written) ?? [];
  if (number === undefined) return `${words[written]}`;
  const forms = words[UNITS[`${clock}${letter}`] ?? ""] as Record<string, string> | undefined;
  const form = forms?.[new Intl.PluralRules(language).select(Number(number))] ?? forms?.other;
  return `${form}`.replaceAll("{n}", number);
};

/**
 * Every text that a record's page shows of a policy, in the page's order: the first layer, who asks, and each purpose with its services
 * and their cookies.
 */
export const askedWords = (policy: Policy, language: string): string[] => {
  const texts = policy.texts[language] ?? {};
  const { controller } = policy;
  const words = [texts.text, about(policy, language), texts.accept, texts.reject, texts.settings];
  words.push(controller.name, controller.address, controller.contact);
  for (const purpose of policy.purposes) {
    words.push(purpose.name[language], purpose.description[language]);
    for (const service of policy.services.filter((one) => one.purpose === purpose.id)) {
      words.push(service.name, service.provider.name);
      if (service.provider.country) words.push(service.provider.country);
      words.push(service.description[language]);
      for (const cookie of service.cookies)
        words.push(
          cookie.name,
          duration(cookie.duration, texts.durations as Record<string, unknown>, language),
          cookie.description[language],
        );
    }
  }
  return words.map((one) => `${one ?? ""}`);
};
