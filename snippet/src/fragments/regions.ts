/** Regions with other rules: what may act before an answer. Until the visitor's is known the strictest of all is followed. */
import type { Answers } from "../config.ts";
import { Text } from "../config.ts";
import type { Fragment } from "../fragment.ts";

const STRICTEST = ["opt_in", "opt_out", "notice", "exempt"];

const regions: Fragment = ({ $state, $more, $decision, $gpc, $at, $follow, $edgeParts, $settingsParts }) => {
  const { rules = {}, gpc: tied = [], region, rule = "default" } = $more();
  let free: boolean;

  const strictest = (id: string) =>
    STRICTEST.find((mode) => Object.values(rules).some((modes) => modes[id] === mode)) as string;

  const apply = (name: string, mode: (id: string) => string) => {
    const freely: Answers = {};
    let quiet = true;
    for (const id in rules["default"]) {
      freely[id] = mode(id) !== "opt_in" && !($gpc() && tied.includes(id));
      quiet &&= mode(id) === "exempt";
    }
    free = Object.values(freely).includes(true);
    $follow(name, freely, quiet);
  };

  const learn = async () => {
    // The page's server may have known it.
    const told = region ?? (await (await fetch($at("r"))).json()).rule;
    const modes = Object.hasOwn(rules, told) && rules[told];
    if (modes) apply(told, (id) => modes[id] as string);
  };
  let asked: Promise<void> | undefined;
  /** Asks once; what failed is asked again. */
  const ask = () =>
    (asked ??= learn().catch(() => {
      asked = undefined;
    }));
  // What is recorded without a click waits for the answer too (gpc.ts).
  $more().ask = ask;

  // The way out is called what the law of the place calls it, where nobody has answered. Other texts come with another language.
  const own = new WeakMap<string[], string>();
  $edgeParts.push(() => {
    const [, , , texts] = $state();
    own.has(texts) || own.set(texts, texts[Text.withdraw] as string);
    texts[Text.withdraw] = ((free && !$decision() && $more().optOut) || own.get(texts)) as string;
    return "";
  });
  apply(rule, strictest);
  if (!$decision()) return ask();
  // Whoever has answered is told nothing new; an answer that they change is recorded under their region's rule.
  $settingsParts.push(() => {
    ask();
    return "";
  });
  return undefined;
};

export default regions;
