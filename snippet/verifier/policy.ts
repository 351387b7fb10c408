/** What is read of a policy here, and how a page can differ from it. */

export interface Policy {
  controller: { name: string; address: string; contact: string };
  languages: string[];
  privacy_policy: Record<string, string>;
  purposes: { id: string; mode: string | null; name: Record<string, string>; description: Record<string, string> }[];
  services: {
    id: string;
    name: string;
    purpose: string;
    provider: { name: string; country?: string };
    description: Record<string, string>;
    cookies: { name: string; duration: string; description: Record<string, string> }[];
  }[];
  texts: Record<string, Record<string, unknown>>;
  /** Where an answer is tied to an account: what is said of it. */
  accounts?: Record<string, { told: string }>;
  number: number;
  lifetime_days: number;
}

export interface Difference {
  shown: string;
  signed: string;
}
