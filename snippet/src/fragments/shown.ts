/**
 * Counts that the question was shown, once a page view, for sites that chose it: the number of the policy and the language, and nothing of
 * the visitor. No cookie goes with it, nothing is stored, and nobody waits for it.
 */
import type { Fragment } from "../fragment.ts";

const shown: Fragment = ({ $state, $settings, $edgeParts }) => {
  let told: Element | null;
  $edgeParts.push(() => {
    // The words are in the page after the control was drawn, and only while the question is asked.
    setTimeout(() => {
      if (!told && (told = document.querySelector("[data-nosnippet]>[slot=words]"))) {
        const [site, service, language] = $state();
        fetch(`${service}/n/${site}`, {
          method: "POST",
          body: `${$settings("shown")} ${language}`,
          keepalive: true,
          referrerPolicy: "origin",
          mode: "no-cors",
          credentials: "omit",
        }).catch(() => {});
      }
    });
    return "";
  });
};

export default shown;
