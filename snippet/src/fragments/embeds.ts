/**
 * Placeholders: in the place of a held frame, image or embed, and of its very size, words that say who provides it and what loading it
 * would do, with two buttons. “Load once” is for this one and leaves the answer as it is; “Always allow” is an answer to its purposes.
 */
import css from "../embeds.css";
import type { Fragment } from "../fragment.ts";
import { settled } from "../later/settled.ts";

enum Word {
  name,
  wouldDo,
  unanswered,
  refused,
  loadOnce,
  loadAlways,
  meansOnce,
  meansAlways,
  openThere,
}

type Settings = [words: string[], purposes: Record<string, string>, services: Record<string, [string, string]>];

// What places and sizes an element among others.
const COPIED =
  "position inset float margin padding border-width box-sizing width height min-width min-height max-width max-height aspect-ratio vertical-align flex grid-area align-self justify-self";
// A frame of one pixel has nothing to show.
const LEAST = 50;

const embeds: Fragment = ({
  $settings,
  $tell,
  $scans,
  $release,
  $allows,
  $decision,
  $choose,
  $h,
  $inside,
  $addStyle,
  $root,
  $warn,
}) => {
  let words: Settings[0];
  let purposes: Settings[1];
  let services: Settings[2];
  const boxes = new Map<HTMLElement, [box: HTMLElement, shown: string, why: HTMLElement]>();
  $addStyle(css);

  const place = (element: HTMLElement, needs: string[]) => {
    const { display, position } = getComputedStyle(element);
    const [box] = element.getClientRects();
    if (display === "none" || (box && Math.min(box.width, box.height) < LEAST)) return;
    // A link reads any address without throwing.
    const link = $h("a", { href: element.dataset.src, target: "_blank" }) as HTMLAnchorElement;
    const { host, protocol } = link;
    const [service = host, provider = service] = [services[element.dataset.service as string] ?? []].flat();
    const say = (word: Word) =>
      (words[word] as string).replace(
        /{(\w+)}/,
        (_, name) =>
          ({ service, provider, purpose: needs.map((id) => purposes[id] ?? id).join(", ") })[name as "service"],
      );
    const why = $h("p", "quiet");
    link.append(say(Word.openThere));
    const button = (word: Word, act: () => void) => $h("button", { className: "answer", onclick: act }, say(word));
    // In the language of the layers, which may be another than the page's.
    const root = $h("div", {
      className: "held",
      role: "group",
      ariaLabel: say(Word.name),
      lang: ($root().host as HTMLElement).lang,
    });
    $inside(root).append(
      $h(
        "div",
        "place",
        ["strong", 0, say(Word.name)],
        ["p", 0, say(Word.wouldDo)],
        why,
        ["p", "quiet", say(Word.meansOnce), " ", say(Word.meansAlways)],
        /^http/.test(protocol) ? link : "",
        [
          "p",
          "line",
          button(Word.loadOnce, () => {
            // It needs nobody's consent but this click.
            element.dataset.purpose = "necessary";
            $release();
          }),
          button(Word.loadAlways, () => $choose((id) => $allows(id) || needs.includes(id))),
        ],
      ),
    );
    const outer = $h("div", 0, root);
    const { style } = element;
    const shown = style.display;
    // While an element is not displayed its size is said as it was written: in per cent, or as a ratio.
    style.setProperty("display", "none", "important");
    const written = getComputedStyle(element);
    const set = (name: string, value: string) => outer.style.setProperty(name, value, "important");
    for (const name of COPIED.split(" ")) set(name, written.getPropertyValue(name));
    set("display", display === "inline" ? "inline-block" : display);
    set("border", `solid transparent ${written.borderWidth}`);
    if (position === "static") set("position", "relative");
    if (written.aspectRatio === "auto")
      for (const side of ["width", "height"] as const)
        if (written[side] === "auto") {
          set(side, `${box?.[side] ?? 300}px`);
          set("box-sizing", "border-box");
        }
    element.before(outer);
    boxes.set(element, [outer, shown, why]);
  };

  const look = () => {
    for (const [element, [outer, shown]] of boxes)
      // A page may move either, or take it out.
      if (!element.isConnected || outer.nextSibling !== element || element.matches("[src]")) {
        element.style.setProperty("display", shown);
        outer.remove();
        boxes.delete(element);
      }
    for (const element of document.querySelectorAll<HTMLElement>("[data-purpose][data-src]:not(script,[src])")) {
      const needs = (element.dataset.purpose as string).split(" ");
      if (!boxes.has(element) && !needs.every($allows)) place(element, needs);
    }
    for (const [, [, , why]] of boxes) why.textContent = words[$decision() ? Word.refused : Word.unanswered] as string;
  };

  const begin = async () => {
    await settled({ $root });
    await $tell();
    [words, purposes, services] = $settings<Settings>("embeds");
    $scans.push(look);
    $release();
  };
  begin().catch($warn);
};

export default embeds;
