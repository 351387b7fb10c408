/**
 * For code that is loaded by its own name: fetches the policy that the line beside it names, with the digest that it has to have. The last
 * part of every build, and of no site's script, which has its policy in it.
 */
import type { Fragment } from "../fragment.ts";

const pinned: Fragment = ({ $warn }, begin) => {
  const { config, check } = (document.currentScript as HTMLScriptElement | null)?.dataset ?? {};
  if (!begin) return;
  if (config)
    fetch(config, { integrity: check as string })
      .then((answer) => answer.json())
      .then(begin)
      .catch($warn);
  else begin(null);
};

export default pinned;
