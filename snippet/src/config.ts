/**
 * What the service hands the snippet: one site's policy in one language, packed by `core/packed_config.py` into lists, since the names of
 * members would be a fifth of the bytes that a page loads.
 */

/** Where a text stands in the list of texts; TEXTS in packed_config.py is the same list. */
export enum Text {
  text,
  about,
  accept,
  reject,
  settings,
  bannerName,
  title,
  close,
  intro,
  alwaysOn,
  cookies,
  cookieName,
  cookiePurpose,
  cookieDuration,
  noCookies,
  privacyPolicy,
  lastAnswer,
  notAnswered,
  consentId,
  copy,
  copied,
  controller,
  controllerFacts,
  contact,
  contactAddress,
  privacyPolicyAddress,
  howToWithdraw,
  withdraw,
  acceptAll,
  rejectAll,
  save,
  saved,
  queued,
  reopen,
}

/** Name, what it is for, how long it stays, and where: a cookie, or 1 in local storage, or 2 in session storage. */
export type Cookie = [name: string, description: string, duration: string, kind?: 1 | 2];

/** Name, what it does, who provides it, the provider's privacy policy or "", and what it keeps. */
export type Service = [
  name: string,
  description: string,
  provider: string,
  privacyPolicy: string,
  ...cookies: Cookie[],
];

/** Id, name, what it is for, a line that counts its services, and these. */
export type Purpose = [id: string, name: string, description: string, summary: string, ...services: Service[]];

/** What only some policies say; a member that is not there has its default. */
export interface More {
  dir?: "rtl";
  languages?: string[];
  /** The prefix and the attributes of the receipt's cookie, separated by semicolons. */
  cookie?: string;
  wait?: true;
  rule?: string;
  gpc?: string[];
  layout?: "box" | "dialog" | "none";
  /** Rules for the sheet of all layers. */
  style?: string;
  /** The site's own address for what the service does. */
  mount?: string;
  /** The same, where it has the files that few pages load too. */
  files?: string;
  /** What the page's stub knew before: its language, and the rule of the visitor's region. */
  language?: string | undefined;
  region?: string | undefined;
  /** Asks for the rule of the visitor's region, where rules differ (fragments/regions.ts). */
  ask?: () => Promise<void>;
  /** By region rule the mode of each optional purpose. */
  rules?: Record<string, Record<string, string>>;
  /** What the control says with which visitors opt out. */
  optOut?: string;
  /** What a switch says that is on, and one that is off. */
  switch?: string[];
  /** What is said where the second layer can not be fetched. */
  failed?: string;
  /** What each fragment has to know, by its name. */
  parts?: Record<string, unknown>;
  [member: string]: unknown;
}

/** Version 3 has only what every page needs: no text of the second layer, and of the services the names of what they store. */
export type Config = [
  v: 2 | 3,
  site: string,
  service: string,
  policy: string,
  build: string,
  revision: number,
  language: string,
  texts: string[],
  purposes: Purpose[],
  more: More,
];

/** The answers that matter, by purpose id: true granted, false refused. */
export type Answers = Record<string, boolean>;
