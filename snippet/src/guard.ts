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

/** Listens, captured: before the page's own listeners, and whatever these do. */
export const listen = (target: EventTarget, type: string, heard: (event: never) => unknown): void =>
  target.addEventListener(type, (event) => safely(() => heard(event as never)), true);
