/** Nothing that goes wrong here may reach the page: it becomes one line in the console. */

export const warn = (message: unknown): void => console.warn(`askfirst: ${message}`);

/** Runs it; says what went wrong instead of throwing. */
export const safely = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    warn(error);
  }
};

/** Listens; captured where the snippet must come before the page's own listeners. */
export const listen = <E extends Event>(
  target: EventTarget,
  type: string,
  heard: (event: E) => unknown,
  capture?: boolean,
): void => target.addEventListener(type, (event) => safely(() => heard(event as E)), capture);
