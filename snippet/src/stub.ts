/**
 * The inline script before everything else (embedding.md): what the page asks of the banner before that is there waits in a list, nothing
 * is allowed, and Google's tags, where `data-google` says so, begin with what it holds. `data-language` and `data-region` are what the page's
 * server knows already.
 */
(() => {
  const page = window as unknown as { askfirst?: unknown; dataLayer?: unknown[] };
  if (page.askfirst) return;
  const { google, language, region } = document.currentScript?.dataset ?? {};
  const q: [name: string, done: (result: unknown) => void, ...given: unknown[]][] = [];
  const later =
    (name: string) =>
    (...given: unknown[]) =>
      new Promise((done) => q.push([name, done, ...given]));
  let askfirst: Record<string, unknown> = {
    q,
    language,
    region,
    allows: () => false,
    when: later("when"),
    on: later("on"),
    open: later("open"),
    withdraw: later("withdraw"),
  };
  Object.defineProperty(page, "askfirst", {
    configurable: true,
    get: () => askfirst,
    // The banner takes its place, and hears what it was asked.
    set: (arrived) => {
      askfirst = arrived;
      for (const [name, done, ...given] of q) done(arrived[name](...given));
    },
  });
  if (google) {
    // Google tells its commands from other entries by their being an `arguments` object.
    const command = function (..._: unknown[]) {
      (page.dataLayer ??= []).push(arguments);
    };
    command("consent", "default", JSON.parse(google));
  }
})();
