/** What `/declaration/KEY/LANGUAGE.json` says (service/docs/declaration.md). */

export interface Cookie {
  name: string;
  kind: "cookie" | "local" | "session";
  duration: string;
  description: string;
}

export interface Service {
  name: string;
  description: string;
  provider: { name: string; country: string | null; privacy_policy: string | null };
  transfers: { country: string; basis: string }[];
  cookies: Cookie[];
}

export interface Purpose {
  id: string;
  name: string;
  description: string;
  necessary: boolean;
  services: Service[];
}

export interface List {
  number: number;
  language: string;
  dir: string;
  kept: string;
  texts: Record<string, string>;
  purposes: Purpose[];
}
