/** Brings waiting answers to the service, each once and in order, however long it is away. */
import { warn } from "./guard.ts";
import type { Manager } from "./manager.ts";
import { type Request, waiting } from "./queue.ts";
import { isCurrent, type Receipt, readReceipt } from "./receipt.ts";

const PATIENCE = 15_000;
const LONGEST_PAUSE = 300;

/** The receipt; "again" if the service is away or busy; "never" if it will not take this answer. */
async function post(url: string, site: string, request: Request): Promise<Receipt | "again" | "never"> {
  try {
    const response = await fetch(url, {
      method: "POST",
      // A string is sent as text/plain, which asks the service no preflight question.
      body: JSON.stringify(request),
      keepalive: true,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "origin",
      ...(AbortSignal.timeout ? { signal: AbortSignal.timeout(PATIENCE) } : {}),
    });
    const { status } = response;
    if (response.ok) {
      const receipt = readReceipt((await response.json()).receipt);
      // Anything else with status 200 is not the service (a captive portal, a proxy).
      return receipt && isCurrent(receipt, site, Date.now() / 1000) ? receipt : "again";
    }
    if (status < 400 || status > 499 || status === 408 || status === 429) return "again";
    warn(`the service does not take this answer (${status} ${(await response.text()).slice(0, 300)})`);
    return "never";
  } catch {
    return "again";
  }
}

/** Starts delivering, now and whenever an answer waits. Tells `say` what became of the answers given in this page. */
export function startDelivery(manager: Manager, say: (outcome: "saved" | "queued") => void): void {
  const { config } = manager;
  let chain: Promise<unknown> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let told = true;

  const tell = (outcome: "saved" | "queued") => {
    if (!told) say(outcome);
    told = true;
  };

  const run = async () => {
    for (;;) {
      const first = waiting(config.site)[0];
      if (!first) return;
      const outcome = await post(`${config.service}/d/${config.site}`, config.site, first.request);
      if (outcome === "again") {
        tell("queued");
        clearTimeout(timer);
        timer = setTimeout(deliver, Math.min(LONGEST_PAUSE, 2 ** failures++) * 1000 * (0.5 + Math.random()));
        return;
      }
      failures = 0;
      manager.settle(first.request.id, outcome === "never" ? undefined : outcome);
      if (outcome !== "never") tell("saved");
    }
  };

  // One tab at a time; where there are no locks the service's own idempotence has to do.
  const deliver = () => {
    if (!waiting(config.site).length) return;
    const locked = () => navigator.locks.request(`askfirst-${config.site}`, run);
    chain = chain.then(locked).catch(run);
  };

  manager.sends.add(() => {
    told = false;
    deliver();
  });
  addEventListener("online", deliver);
  deliver();
}
