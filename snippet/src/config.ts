/** What the service hands the snippet: one site's policy in one language, ready to show. */

export interface Cookie {
  name: string;
  duration?: string;
  description?: string;
  kind?: "cookie" | "local" | "session";
}

export interface Service {
  name: string;
  purpose: string;
  provider?: string;
  country?: string;
  privacy_policy?: string | null;
  description?: string;
  cookies?: Cookie[];
}

export interface Purpose {
  id: string;
  name: string;
  description?: string;
  necessary?: boolean;
}

/** Every text the layers can show. A missing one falls back to its key in words: an odd label is better than none. */
export type TextKey =
  | "text"
  | "about"
  | "accept"
  | "reject"
  | "settings"
  | "title"
  | "intro"
  | "save"
  | "accept_all"
  | "reject_all"
  | "close"
  | "always_on"
  | "on"
  | "off"
  | "services"
  | "cookies"
  | "cookie_name"
  | "cookie_duration"
  | "cookie_purpose"
  | "no_cookies"
  | "provider"
  | "controller"
  | "contact"
  | "privacy_policy"
  | "consent_id"
  | "copy"
  | "copied"
  | "last_answer"
  | "withdraw"
  | "how_to_withdraw"
  | "saved"
  | "queued"
  | "reopen"
  | "banner_name"
  | "not_answered";

export interface Config {
  v: 1;
  site: string;
  service: string;
  policy: string;
  build: string;
  revision: number;
  language: string;
  dir: "ltr" | "rtl";
  languages: string[];
  lifetime: number;
  shared: string | null;
  partitioned: boolean;
  wait: boolean;
  rule: string;
  gpc: string[];
  layout: string;
  controller: { name: string; contact?: string; address?: string };
  privacy_policy: string;
  purposes: Purpose[];
  services: Service[];
  texts: Partial<Record<TextKey, string>>;
  /** What each fragment has to know, by its name. */
  parts?: Record<string, unknown>;
}

/** The answers that matter, by purpose id: true granted, false refused. */
export type Answers = Record<string, boolean>;

/** True for a configuration that this build can show. A newer or broken one is not guessed at: nothing is asked and nothing runs. */
export const isConfig = (config: Config | null): config is Config =>
  config?.v === 1 &&
  /^[a-z0-9]{4,32}$/.test(config.site) &&
  typeof config.service === "string" &&
  Array.isArray(config.purposes) &&
  Array.isArray(config.services);

/** The ids of the purposes that a visitor is asked about. */
export const optional = (config: Config): string[] =>
  config.purposes.filter((purpose) => !purpose.necessary).map((purpose) => purpose.id);
