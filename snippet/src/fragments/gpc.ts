/**
 * Global Privacy Control: what it objects to is off, the page says so without a click, and it is recorded once: as a refusal where it
 * covers everything there is to ask, and where it takes back what an earlier answer granted. Where it covers a part, the visitor is asked
 * for the rest, and the record of that answer says that the signal was on. Only a choice made after the notice wins over it.
 */
import type { Fragment } from "../fragment.ts";

/** How long the record waits for the rule of the visitor's region, and the question for both. */
const PATIENCE = 3000;
/** An answer is stored by then, at the latest (page.ts). */
const STORED = 150;

const signal: Fragment = ({
  $state,
  $more,
  $decision,
  $gpc,
  $allows,
  $choose,
  $release,
  $settings,
  $settingsParts,
  $edgeParts,
  $h,
}) => {
  if (!$gpc()) return undefined;
  // Asked for anew each time: the language may change.
  const word = (number: number) => $settings<string[] | undefined>("gpc")?.[number] ?? "";
  const tied = $more().gpc ?? [];
  const objected = () => tied.filter((id) => !$allows(id));
  const names = (ids: string[]) =>
    $state()[4]
      .flatMap(([id, name]) => (ids.includes(id) ? name : []))
      .join(", ");

  /** What the receipt in the browser says. */
  const told = (): { m?: string; p?: Record<string, boolean> } =>
    JSON.parse(atob(($decision()?.receipt ?? "e30").split(/\./)[0]?.replace(/-/g, "+").replace(/_/g, "/") as string));

  const lost = () => tied.filter((id) => told().p?.[id] && !$allows(id));
  const overruled = lost()[0];
  const isDue = () => ($decision() ? lost()[0] && $decision()?.recorded : $state()[5].every((id) => tied.includes(id)));
  const record = () => {
    // The visitor may have answered meanwhile.
    if (!isDue()) return;
    $choose($allows, "signal");
    // It changes nothing of what may act, so nothing else starts what is held.
    setTimeout($release, STORED);
  };

  $edgeParts.push(() => (objected()[0] ? $h("span", "small", word(0)) : ""));
  $settingsParts.push(() =>
    objected()[0] ? ["p", 0, word(overruled || told().m === "signal" ? 2 : 1).replace(/{\w+}/, names(objected()))] : "",
  );

  const { ask } = $more();
  if (ask && isDue()) return Promise.race([ask(), new Promise((late) => setTimeout(late, PATIENCE))]).then(record);
  return record();
};

export default signal;
