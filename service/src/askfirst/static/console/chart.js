/**
 * The last 30 days as stacked bars, drawn from the table below the chart, so that both always say the same. uPlot draws;
 * this file says what.
 */

import { locale, say, share } from "./words.js";

const place = document.getElementById("chart");
const rows = [...document.querySelectorAll("#days tbody tr")].reverse();
const answers = [
  { key: "all", swatch: "--all" },
  { key: "some", swatch: "--some" },
  { key: "none", swatch: "--none" },
];

/** A colour as the canvas understands it: light-dark() is resolved by an element that uses it. */
function colour(name) {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

let plot = null;

function draw() {
  const days = rows.map((row) => row.dataset.day);
  const counts = answers.map(({ key }) => rows.map((row) => Number(row.dataset[key])));
  // Bars are drawn over each other, the tallest first: each is the sum of itself and of all below it.
  const sums = counts.map((_, at) => rows.map((_, day) => counts.slice(0, at + 1).reduce((sum, one) => sum + one[day], 0)));
  const most = Math.max(1, ...sums.at(-1));
  const width = place.clientWidth;
  const every = width < 480 ? 10 : 5;
  const bars = uPlot.paths.bars({ size: [0.72, 28] });
  const quiet = colour("--quiet");
  const font = `13px ${getComputedStyle(document.body).fontFamily}`;
  const line = { stroke: colour("--line"), width: 1 };
  plot?.destroy();
  plot = new uPlot(
    {
      width,
      height: 224,
      padding: [12, 24, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: [-0.6, days.length - 0.4] }, y: { range: [0, most * 1.05] } },
      axes: [
        {
          stroke: quiet,
          font,
          size: 32,
          grid: { show: false },
          ticks: { show: false },
          splits: () => days.map((_, at) => at).filter((at) => (days.length - 1 - at) % every === 0),
          values: (_, splits) => splits.map((at) => days[at]),
        },
        {
          stroke: quiet,
          font,
          size: 48,
          grid: line,
          ticks: { show: false },
          space: 48,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 5e6, 1e7],
          values: (_, splits) => splits.map((value) => value.toLocaleString(locale)),
        },
      ],
      series: [
        {},
        ...answers.toReversed().map(({ swatch }) => ({ fill: colour(swatch), width: 0, paths: bars, points: { show: false } })),
      ],
    },
    [days.map((_, at) => at), ...sums.toReversed()],
    place,
  );
}

/** The names stand under the bars with their share: a bar of a thirtieth of the width has no room for a word. */
function names() {
  const list = document.createElement("ul");
  list.className = "names";
  const counts = answers.map(({ key }) => rows.reduce((sum, row) => sum + Number(row.dataset[key]), 0));
  const whole = counts.reduce((sum, one) => sum + one, 0) || 1;
  answers.forEach(({ key }, at) => {
    const item = document.createElement("li");
    item.className = `swatch-${key}`;
    item.textContent = say(`script.share_${key}`, { share: share(counts[at], whole) });
    list.append(item);
  });
  place.append(list);
}

if (place && rows.length && globalThis.uPlot) {
  place.replaceChildren();
  draw();
  names();
  // The names stay below the bars when these are drawn anew.
  const again = () => {
    draw();
    place.append(place.querySelector(".names"));
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let drawn = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth !== drawn) {
      drawn = place.clientWidth;
      again();
    }
  }).observe(place);
}
