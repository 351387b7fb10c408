/** Brings waiting answers to the service, each once and in order, however long it is away. */
import { listen, warn } from "./guard.ts";
import { config, key, onSend, settle, waiting } from "./page.ts";
import type { Body } from "./queue.ts";
import { isCurrent, type Receipt, readReceipt } from "./receipt.ts";

const PATIENCE = 15_000;
const LONGEST_PAUSE = 300;

/** The receipt; nothing if the service will not take this answer. Throws while the service is away or busy. */
async function post(body: Body): Promise<Receipt | undefined> {
  const response = await fetch(`${config.service}/d/${config.site}`, {
    method: "POST",
    // A string is sent as text/plain, which asks the service no preflight question.
    body: JSON.stringify(body),
    keepalive: true,
    credentials: "omit",
    referrerPolicy: "origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { status } = response;
  if (status > 399 && status < 500 && status !== 408 && status !== 429) {
    warn(`the service does not take this answer: ${status} ${await response.text()}`);
    return undefined;
  }
  const receipt = readReceipt((await response.json()).receipt);
  // Anything else is not the service: a captive portal, a proxy.
  if (response.ok && receipt && isCurrent(receipt, config.site, Date.now() / 1000)) return receipt;
  throw status;
}

/** Delivers what waits, now and later. `say` is told what became of an answer given in this page. */
export function startDelivery(say: (outcome: "saved" | "queued") => void): void {
  let given = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout>;

  const tell = (outcome: "saved" | "queued") => {
    if (given) say(outcome);
    given = false;
  };

  const run = async () => {
    try {
      for (let next = waiting()[0]; next; next = waiting()[0]) {
        const receipt = await post(next.body);
        failures = 0;
        settle(next.body.id, receipt);
        if (receipt) tell("saved");
      }
    } catch {
      tell("queued");
      clearTimeout(timer);
      timer = setTimeout(deliver, Math.min(LONGEST_PAUSE, 2 ** failures++) * 1000 * (0.5 + Math.random()));
    }
  };

  // Tabs take turns. Where there are no locks, the service's own idempotence has to do.
  const deliver = () => {
    if (waiting().length) navigator.locks.request(key, run).catch(run);
  };

  onSend(() => {
    given = true;
    deliver();
  });
  listen(window, "online", deliver);
  deliver();
}
