/**
 * Marks of other consent tools on what they held: vanilla-cookieconsent's `data-category`, Klaro's `data-name`, Cookiebot's
 * `data-cookieconsent`. They become ours before anything is released; what names no purpose of the policy stays as it was, which is held.
 */
import type { Fragment } from "../fragment.ts";

const marks: Fragment = ({ $settings, $scans }) => {
  const names = $settings<Record<string, string>>("marks");

  $scans.push(() => {
    for (const element of document.querySelectorAll<HTMLElement>(
      ":is(script[type='text/plain'],[data-src],[data-cookieblock-src]):is([data-category],[data-name],[data-cookieconsent]):not([data-purpose])",
    )) {
      const { category, cookieconsent, name, cookieblockSrc, src } = element.dataset;
      const purposes = (category ?? cookieconsent ?? name)?.match(/[^\s,]+/g)?.map((one) => names[one]);
      if (!purposes?.every((one) => one)) continue;
      element.dataset.purpose = [...new Set(purposes)].join(" ");
      if (cookieblockSrc) element.dataset.src = cookieblockSrc;
      // A held script may have its address beside it too.
      if (src && element instanceof HTMLScriptElement) element.src = src;
    }
  });
};

export default marks;
