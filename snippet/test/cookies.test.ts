import assert from "node:assert/strict";
import { test } from "node:test";
import { readCopies } from "../src/cookie.ts";
import { decide } from "../src/decision.ts";
import { vectors } from "./vectors.ts";

interface Verdict {
  answered: boolean;
  granted: string[];
  given_at: number | null;
}

interface Case {
  what: string;
  cookie: string;
  site: string;
  now: number;
  loopback: boolean;
  accepted_revisions: number[];
  headers?: Record<string, string>;
  gpc?: string[];
  browser: Verdict | null;
}

const { cases, signal_cases }: { cases: Case[]; signal_cases: Case[] } = vectors("cookies");
const PURPOSES = ["measurement", "marketing", "preferences"];

const read = ({ cookie, site, now, loopback, accepted_revisions, gpc = [], headers }: Case): Verdict => {
  // A page knows the one revision that it shows; the examples are of revision 2.
  const revision = accepted_revisions.includes(2) ? 2 : Math.max(...accepted_revisions);
  const copies = readCopies(cookie, site, now, loopback);
  const signal = Object.entries(headers ?? {}).some(
    ([name, value]) => name.toLowerCase() === "sec-gpc" && value === "1",
  );
  const decision = decide(PURPOSES, revision, { gpc }, copies, [], signal);
  return {
    answered: !!decision,
    granted: PURPOSES.filter((id) => decision?.purposes[id]).sort(),
    given_at: decision ? decision.at / 1000 : null,
  };
};

for (const example of [...cases, ...signal_cases]) {
  const { browser } = example;
  if (!browser) continue;
  test(`cookies: ${example.what}`, () => {
    const { answered, granted, given_at } = browser;

    assert.deepEqual({ answered, granted: [...granted].sort(), given_at }, read(example));
  });
}
