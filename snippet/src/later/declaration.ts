/** The list of everything that the site may use, with the visitor's present answer and the controls to change it. */
import type { FragmentApi } from "../fragment.ts";
import type { Content, Made } from "../ui/element.ts";
import css from "./declaration.css";
import type { List, Purpose, Service } from "./list.ts";
import { named } from "./named.ts";
import { settled } from "./settled.ts";

/** Shows the list in each element that is marked for it. */
export default async (given: FragmentApi): Promise<void> => {
  const api = named(given);
  const { $state, $allows, $decision, $choose, $open, $onAct, $scans, $h, $listen } = api;
  await settled(api);
  const [site, address, language] = $state();
  const response = await fetch(`${address}/declaration/${site}/${language}.json`);
  if (!response.ok) throw `the list of cookies is not there: ${response.status}`;
  const list: List = await response.json();
  const text = (key: string) => list.texts[key] ?? key;
  const countries = new Intl.DisplayNames([list.language], { type: "region" });
  const country = (code: string) => countries.of(code) ?? code;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);

  const fact = (name: string, ...content: Content[]): Made => [
    "div",
    "fact",
    ["dt", 0, text(name)],
    ["dd", 0, ...content],
  ];

  const cookies = ({ name, cookies }: Service): Content => {
    if (!cookies[0]) return ["p", "quiet", text("no_cookies")];
    const head = ["cookie_name", "kind", "cookie_purpose", "cookie_duration"];
    return [
      "table",
      { ariaLabel: `${text("cookies")}: ${name}` },
      ["thead", 0, ["tr", 0, ...head.map((key): Made => ["th", { scope: "col" }, text(key)])]],
      [
        "tbody",
        0,
        ...cookies.map((cookie): Made => [
          "tr",
          0,
          ["th", { scope: "row" }, ["code", 0, cookie.name]],
          ["td", 0, text(`kind_${cookie.kind}`)],
          ["td", 0, cookie.description],
          ["td", 0, cookie.duration],
        ]),
      ],
    ];
  };

  const service = (one: Service): Made => {
    const { name, description, provider, transfers } = one;
    const policy = provider.privacy_policy;
    return [
      "section",
      "service",
      ["h4", 0, name],
      ["p", 0, description],
      [
        "dl",
        0,
        fact("provider", provider.name),
        provider.country ? fact("country", country(provider.country)) : "",
        policy && /^https?:/.test(policy)
          ? fact("privacy_policy", ["a", { href: policy, target: "_blank", rel: "noopener" }, policy])
          : "",
        transfers[0]
          ? fact("transfer", transfers.map((to) => `${country(to.country)} (${text(`basis_${to.basis}`)})`).join(", "))
          : "",
      ],
      cookies(one),
    ];
  };

  const fill = (element: HTMLElement) => {
    const states: (() => void)[] = [];
    // The present answer is a word beside each purpose, and a switch that changes it.
    const purpose = ({ id, name, description, necessary, services }: Purpose): Made => {
      const status = $h("span", "state");
      const toggle = $h("input", { type: "checkbox", role: "switch", ariaLabel: name }) as HTMLInputElement;
      $listen(toggle, "change", () => $choose((other) => (other === id ? toggle.checked : $allows(other))));
      states.push(() => {
        toggle.checked = $allows(id);
        status.textContent = text(
          necessary ? "always_on" : $allows(id) ? "granted" : $decision() ? "refused" : "unanswered",
        );
      });
      return [
        "section",
        "purpose",
        ["div", "line", ["h3", 0, name], status, necessary ? "" : toggle],
        ["p", 0, description],
        ...services.map(service),
      ];
    };

    const inner = $h(
      "div",
      { className: "list", lang: list.language, dir: list.dir },
      ["h2", 0, text("title")],
      ["p", 0, text("intro")],
      [
        "div",
        { className: "choices" },
        ["button", { onclick: () => $choose(() => true, "accept_all") }, text("accept_all")],
        ["button", { onclick: () => $choose(() => false) }, text("reject_all")],
        ["button", { className: "more", onclick: $open }, text("change")],
      ],
      ["div", { role: "group", ariaLabel: text("your_answer") }, ...list.purposes.map(purpose)],
      ["dl", "end", fact("answer_kept", list.kept), fact("version", `${list.number}`)],
    );
    const update = () => {
      for (const show of states) show();
    };
    update();
    $onAct(update);
    const root = element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.replaceChildren(inner);
  };

  // A page that changes without loading may bring the place again.
  const look = () => {
    for (const element of document.querySelectorAll<HTMLElement>("[data-askfirst=declaration]"))
      if (!element.shadowRoot) fill(element);
  };
  look();
  $scans?.push(look);
};
