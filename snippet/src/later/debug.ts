/** `?askfirst=debug`: what is held, released and why, for the developer of the page. It only looks: nothing is changed, nothing is sent. */
import type { FragmentApi } from "../fragment.ts";
import type { Content, Made } from "../ui/element.ts";
import css from "./debug.css";
import { named } from "./named.ts";
import { sentAway } from "./requests.ts";
import { unnamed } from "./unnamed.ts";

type Row = Content[];

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Where a marked element is in the page, in a developer's words. */
const described = (element: HTMLElement): string => {
  const address = element.getAttribute("src") ?? element.dataset.src;
  const inside = element.textContent?.trim().slice(0, 60) ?? "";
  return `<${element.localName}> ${address ?? (inside || "without content")}`;
};

const decoded = (token: string): string => {
  try {
    const payload = (token.split(".")[0] as string).replace(/-/g, "+").replace(/_/g, "/");
    return JSON.stringify(JSON.parse(atob(payload)), null, 1);
  } catch {
    return "can not be read, so it counts as no answer";
  }
};

export default (given: FragmentApi): void => {
  const api = named(given);
  const { $state, $more, $decision, $allows, $gpc, $onAct, $h, $settings } = api;
  const host = $h("div", { lang: "en", dir: "ltr" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const answers: Row[] = [];
  // A refusal from before is no consent.
  let grantedAt = $decision() && $state()[5].some($allows) ? 0 : Infinity;

  /** Why a purpose may act, or may not. */
  const why = (id: string): string => {
    const known = $state()[4].some(([one]) => one === id);
    if (id === "necessary") return "necessary";
    if (!known) return "not a purpose of the policy";
    const answer = $decision();
    if ($allows(id)) return answer ? "granted" : "runs until it is refused: the region's rule";
    if ($gpc() && $more().gpc?.includes(id)) return "Global Privacy Control objects";
    return answer ? "refused" : "not answered yet";
  };

  const isHeld = (element: HTMLElement): boolean =>
    element instanceof HTMLScriptElement
      ? element.type === "text/plain"
      : element instanceof HTMLTemplateElement
        ? !needs(element).every($allows)
        : !!element.dataset.src && !element.hasAttribute("src");
  const needs = (element: HTMLElement): string[] => (element.dataset.purpose ?? "").split(" ");

  const marked = (): Row[] =>
    [...document.querySelectorAll<HTMLElement>("[data-purpose]")].map((element) => [
      isHeld(element) ? "held" : "runs",
      described(element),
      needs(element)
        .map((id) => `${id}: ${why(id)}`)
        .join("; "),
    ]);

  const receipts = (): Row[] => {
    const name = new RegExp(`^(__Host-|__Secure-)?askfirst-${$state()[0]}=`);
    return document.cookie
      .split(/; */)
      .filter((pair) => name.test(pair))
      .map((pair) => [pair.split("=")[0] as string, ["pre", 0, decoded(pair.replace(name, ""))]]);
  };

  const table = (title: string, head: string[], rows: Row[], none: string): Made => [
    "details",
    { open: true },
    ["summary", 0, `${title} (${rows.length})`],
    rows[0]
      ? [
          "table",
          { ariaLabel: title },
          ["tr", 0, ...head.map((word): Made => ["th", { scope: "col" }, word])],
          ...rows.map((row): Made => ["tr", 0, ...row.map((cell): Made => ["td", 0, cell])]),
        ]
      : ["p", 0, none],
  ];

  const facts = (): Row[] => {
    const [site, service, language, , purposes] = $state();
    const answer = $decision();
    return [
      ["site", site],
      ["service", service],
      ["language", language],
      ["purposes", purposes.map(([id]) => `${id}: ${$allows(id) ? "allowed" : "not allowed"} (${why(id)})`).join("\n")],
      [
        "answer",
        answer ? `${new Date(answer.at).toISOString()}${answer.recorded ? "" : ", not recorded yet"}` : "none",
      ],
      ["consent id", answer?.consentId ?? "none"],
      ["Global Privacy Control", $gpc() ? "on" : "off"],
      ["region rules", Object.keys($more().rules ?? {}).join(", ") || "none"],
      [
        "fragments told",
        ["google", "microsoft_uet", "clarity", "matomo", "marks", "embeds"]
          .filter((part) => $settings(part))
          .join(", ") || "none",
      ],
    ];
  };

  const show = () => {
    const folded = new Map(
      [...root.querySelectorAll("details")].map((one, number) => [number, (one as HTMLDetailsElement).open]),
    );
    root.replaceChildren(
      $h(
        "section",
        { ariaLabel: "Askfirst, for developers" },
        [
          "header",
          0,
          ["h2", 0, "Askfirst"],
          ["button", { onclick: show }, "Look again"],
          ["button", { onclick: () => host.remove() }, "Close"],
        ],
        table("This page", ["fact", "value"], facts(), ""),
        table(
          "Held and released",
          ["state", "element", "why"],
          marked(),
          "Nothing in this page is marked with data-purpose.",
        ),
        table("Answers in this page", ["when", "what"], answers, "The answer has not changed since the page began."),
        table(
          "Receipts",
          ["cookie", "content"],
          receipts(),
          "There is no receipt in this browser, or the page may not read it.",
        ),
        table(
          "Stored, but not named by the policy",
          ["where", "name"],
          unnamed($state()[4], $state()[0]),
          "Everything that this page can see is named.",
        ),
        table(
          "Requests to other hosts before consent",
          ["when", "host", "address"],
          sentAway($state()[1], grantedAt).map(({ at, host, address }) => [seconds(at), host, address]),
          "There were none.",
        ),
      ),
    );
    [...root.querySelectorAll("details")].forEach((one, number) => {
      one.open = folded.get(number) ?? true;
    });
  };

  $onAct(() => {
    const allowed = $state()[5].filter($allows);
    if (allowed[0]) grantedAt = Math.min(grantedAt, performance.now());
    answers.push([
      seconds(performance.now()),
      allowed[0] ? `allowed: ${allowed.join(", ")}` : "nothing optional is allowed",
    ]);
    setTimeout(show, 500);
  });
  document.body.append(host);
  show();
};
