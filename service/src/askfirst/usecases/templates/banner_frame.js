/*
 * What makes a page of a banner that is only shown. It runs before the snippet: nothing that the banner would send leaves the page, the
 * colour scheme is the one that was chosen, and the second layer is opened where that one is to be seen.
 */
(() => {
  const root = document.documentElement;
  const { scheme, layer, rule } = root.dataset;
  const tell = (said) => window !== parent && parent.postMessage(said, "*");

  window.fetch = (address, given) => {
    if (/\/r\/[^/]+$|\/r$/.test(String(address))) return Promise.resolve(new Response(JSON.stringify({ rule })));
    try {
      const { method, purposes } = JSON.parse(given.body);
      if (method && purposes) tell({ askfirst: "answer", method, purposes });
    } catch {
      // Whatever else a banner would send is nobody's answer.
    }
    return new Promise(() => {});
  };
  navigator.sendBeacon = () => true;

  if (scheme) {
    // The sheet is the build's own; only the question for the system's scheme is answered here.
    const asked = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/g;
    const answered = (css) => String(css).replace(asked, (_, one) => (one === scheme ? "(min-width: 0px)" : "(max-width: 0px)"));
    for (const name of ["replaceSync", "replace"]) {
      const real = CSSStyleSheet.prototype[name];
      CSSStyleSheet.prototype[name] = function (css) {
        return real.call(this, answered(css));
      };
    }
    const matches = window.matchMedia.bind(window);
    window.matchMedia = (query) => matches(answered(query));
  }

  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const isShown = () => [...document.body.children].some((one) => !one.matches(".page, script"));
  addEventListener("load", async () => {
    for (let tries = 0; !isShown() && tries < 300; tries++) await frame();
    if (!isShown()) return;
    if (layer === "second") window.askfirst?.open?.();
    await document.fonts.ready;
    await frame();
    await frame();
    root.dataset.ready = "yes";
  });
})();
