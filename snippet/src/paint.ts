/** Waiting for the screen: what the visitor did is shown first, and work follows. */
import { safe } from "./guard.ts";

/** Runs once the next frame is on the screen; a hidden page paints none, so a short wait will do there. */
export const afterPaint = (run: () => unknown): void => {
  let done = false;
  const once = safe(() => {
    if (done) return;
    done = true;
    run();
  });
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, 150);
};

/** Lets input and paint come first. */
export const yieldToPage = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
