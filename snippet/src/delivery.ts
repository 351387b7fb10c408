/** Brings waiting answers to the service, each once and in order, however long it is away. */
import { Text } from "./config.ts";
import { warn } from "./guard.ts";
import { at, settle, site, texts, waiting } from "./page.ts";
import { readReceipt } from "./receipt.ts";
import { say } from "./ui/host.ts";

const PATIENCE = 15_000;
const LONGEST_PAUSE = 300;

let running = false;
let failures = 0;

/**
 * Delivers what waits, now and later. Two tabs may bring the same answer: it has the same bytes, and the service gives both the same
 * receipt.
 */
export const deliver = async (): Promise<void> => {
  if (running) return;
  running = true;
  try {
    for (let next = waiting()[0]; next; next = waiting()[0]) {
      const { body } = next;
      const response = await fetch(at("d"), {
        method: "POST",
        // A string is sent as text/plain, which asks the service no preflight question.
        body: JSON.stringify(body),
        keepalive: true,
        referrerPolicy: "origin",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const { ok, status } = response;
      // What the service will not take is given up; it may be busy (429), or not have heard all of it (408).
      const final = /^4(?!08|29)/.test(status as unknown as string);
      const said = await response.text();
      const receipt = final ? undefined : readReceipt(JSON.parse(said).receipt, site, Date.now() / 1000);
      if (final) warn(`answer not taken: ${status} ${said}`);
      // Anything else is not the service: a captive portal, a proxy.
      else if (!ok || !receipt) throw status;
      failures = 0;
      settle(body.id, receipt);
      if (receipt) say(texts[Text.saved]);
    }
  } catch {
    if (!failures) say(texts[Text.queued]);
    setTimeout(deliver, Math.min(LONGEST_PAUSE, 2 ** failures++) * 1000 * (0.5 + Math.random()));
  }
  running = false;
};
