/** Nothing that goes wrong here may reach the page: it becomes one line in the console. */

export const warn = (message: unknown): void => console.warn(`askfirst: ${message}`);

/** The same function, which never throws. */
export const safe =
  <A extends unknown[]>(run: (...args: A) => unknown) =>
  (...args: A): void => {
    try {
      run(...args);
    } catch (error) {
      warn(error);
    }
  };
