/** Waiting for the screen: what the visitor did is shown first, and work follows. */
import { safely } from "./guard.ts";

/** Runs once the next frame is on the screen; a hidden page paints none, so a short wait will do there. It may be called twice. */
export const afterPaint = (run: () => void): void => {
  const safe = () => safely(run);
  requestAnimationFrame(() => setTimeout(safe));
  setTimeout(safe, 150);
};

/** Lets input and paint come first. */
export const yieldToPage = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
