"""Where the banner's time and bytes go: what a browser's main thread does in three visits, and what the code is made of."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import later_visits, machine
from bench.fixed_policy import code, code_later, site_script
from bench.machine import chromium
from bench.sizes import small
from bench.website import website

RUNS = 9
_TITLE = "## Banner"
_HANDED_OVER = ("Layerize", "Commit", "WebFrameWidgetImpl::UpdateLifecycle")
_AFTER_MS = 300
_HERE = Path(__file__).parent
_CATEGORIES = ["devtools.timeline", "v8", "disabled-by-default-v8.compile", "blink", "toplevel", "loading", "cc"]
# What the browser calls its steps, by the first of these words that is in the name.
_STEPS = {
    "reading script": ("V8.Parse", "V8.Compile", "v8.compile", "v8.produce", "V8.Deserialize"),
    "collecting garbage": ("GC", "Heap"),
    "running script": (
        "v8.",
        "V8.",
        "FunctionCall",
        "EvaluateScript",
        "EventDispatch",
        "TimerFire",
        "FireAnimation",
        "Microtask",
    ),
    "style and layout": ("Style", "style", "Layout", "layout", "CSS", "Font", "Shape"),
    "painting": ("Paint", "paint", "Commit", "Layer", "Composit", "Frame"),
}
_REST = "everything else"
_BANNERS = ("none", "minimal", "askfirst")
_PARTS = {
    "gate: holds, releases, withdraws, deletes": ("held.ts", "release.ts", "stop.ts", "deletion.ts"),
    "answer: cookie, receipt, queue, delivery, other tabs": (
        "page.ts",
        "decision.ts",
        "receipt.ts",
        "cookie.ts",
        "queue.ts",
        "delivery.ts",
        "sync.ts",
    ),
    "interface for the page's code, fragments, guards": ("api.ts", "fragment.ts", "wanted.ts", "boot.ts", "guard.ts"),
    "first layer and control": ("layers.ts", "action.ts", "element.ts", "host.ts"),
    "styles of the first layer": ("src/style.css",),
    "second layer": ("settings.ts", "about.ts", "purpose.ts", "service.ts", "list.ts"),
    "styles of the second layer": ("settings/style.css",),
}


@dataclass(frozen=True)
class Traced:
    """What the main thread did, in milliseconds by step; medians of several runs."""

    by_step: dict[str, float]

    @property
    def whole(self) -> float:
        """All of it."""
        return sum(self.by_step.values())


def said() -> list[str]:
    """Measure, and return the two sections."""
    load = machine.load()
    when = f"Measured on {datetime.now(UTC):%Y-%m-%d from %H:%M} UTC; load before it {load}."
    return [*_times(), "", when, "", *_bytes(), ""]


def main() -> None:
    """Measure, and write these sections into PROFILE.md in place of those that are there."""
    path = _HERE / "PROFILE.md"
    before = path.read_text(encoding="utf-8").partition(f"{_TITLE}\n")[0]
    path.write_text(before + "\n".join(said()), encoding="utf-8")


def _times() -> list[str]:
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    files = {"/minimal.js": (_HERE / "minimal.js").read_bytes(), **later_visits.pages(page)}
    for name in _BANNERS:
        files[f"/{name}"] = files["/article"].replace(b"askfirst.js", f"{name}.js".encode())
    files["/none"] = files["/article-alone"]
    with website(files, later_visits.recorded) as url, sync_playwright() as playwright:
        files["/askfirst.js"] = site_script("en", url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            kinds: dict[str, Callable[[str], dict[str, float]]] = {
                "first visit": lambda path: _visit(browser, url, path, answered=False),
                "visit with an answer": lambda path: _visit(browser, url, path, answered=True),
                "Accept, to its paint": lambda path: _click(browser, url, path),
            }
            found = {kind: _in_turn(once, _BANNERS[kind.startswith("Accept") :]) for kind, once in kinds.items()}
        finally:
            browser.close()
    columns = [(kind, name) for kind, banners in found.items() for name in banners]
    lines = [
        _TITLE,
        "",
        f"Milliseconds of the main thread at {later_visits.SLOWER}x slow-down by what the browser itself says that it does, from navigation until {_AFTER_MS} ms after it has loaded, or from the "
        f"click until the frame without the question is handed over; medians of {RUNS} runs in turn, bench policy in English. Tracing takes something itself. The minimal bar ({len(files['/minimal.js']):,} bytes) proves, holds and "
        "explains nothing; what it costs is what no banner can do without.",
        "",
        f"| step | {' | '.join(f'{kind}: {name}' for kind, name in columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for step in (*_STEPS, _REST):
        values = [found[kind][name].by_step.get(step, 0.0) for kind, name in columns]
        lines.append(f"| {step} | {' | '.join(f'{value:.1f}' for value in values)} |")
    wholes = [found[kind][name].whole for kind, name in columns]
    lines.append(f"| **all** | {' | '.join(f'{value:.1f}' for value in wholes)} |")
    return lines


def _in_turn(once: Callable[[str], dict[str, float]], banners: Sequence[str]) -> dict[str, Traced]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in banners}
    for run in range(RUNS + 1):
        for name in Random(run).sample(list(banners), len(banners)):
            steps = once(f"/{name}")
            if run:  # the browser's own first pages are slower than any later ones
                runs[name].append(steps)
    return {
        name: Traced({step: median(one.get(step, 0.0) for one in each) for step in (*_STEPS, _REST)})
        for name, each in runs.items()
    }


def _visit(browser: Browser, url: str, path: str, *, answered: bool) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        if answered:
            later_visits.come_before(context, url, path)
        page, _ = later_visits.slow(context)
        with _tracing(browser, page) as events:
            page.goto(f"{url}{path}")
            page.wait_for_timeout(_AFTER_MS)
        return _by_step(_main_thread(events, f"{url}{path}"))
    finally:
        context.close()


def _click(browser: Browser, url: str, path: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, _ = later_visits.slow(context)
        page.goto(f"{url}{path}")
        accept = page.get_by_role("button", name="Accept", exact=True)
        accept.hover()
        page.wait_for_timeout(_AFTER_MS)
        with _tracing(browser, page) as events:
            page.mouse.down()
            page.mouse.up()
            page.wait_for_timeout(_AFTER_MS)
        click = next(one for one in events if one.get("args", {}).get("data", {}).get("type") == "click")
        clicked = click["ts"]
        thread = _thread(events, (click["pid"], click["tid"]))
        # The frame without the question is handed over here; a renderer names its last step by the way it takes.
        ends = [one["ts"] + one["dur"] for one in thread if one["name"] in _HANDED_OVER and one["ts"] > clicked]
        painted = min(ends, default=clicked + _AFTER_MS * 1000)
        return _by_step([one for one in thread if clicked <= one["ts"] < painted])
    finally:
        context.close()


class _tracing:  # noqa: N801 - it reads as the verb that it is
    """Collect the browser's own trace while the block lasts."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self._page = page
        self._devtools: CDPSession = browser.new_browser_cdp_session()
        self._events: list[dict[str, Any]] = []
        self._complete = False
        self._devtools.on("Tracing.dataCollected", lambda part: self._events.extend(part["value"]))
        self._devtools.on("Tracing.tracingComplete", self._ended)

    def _ended(self, _: object) -> None:
        self._complete = True

    def __enter__(self) -> list[dict[str, Any]]:
        config = {"includedCategories": _CATEGORIES}
        self._devtools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
        return self._events

    def __exit__(self, *_: object) -> None:
        self._devtools.send("Tracing.end")
        while not self._complete:
            self._page.wait_for_timeout(20)
        self._devtools.detach()


def _main_thread(events: list[dict[str, Any]], address: str) -> list[dict[str, Any]]:
    """Return what the thread did that read the HTML of this page: a browser has pages of its own."""
    for one in events:
        if one["name"] == "ParseHTML" and one.get("args", {}).get("beginData", {}).get("url") == address:
            return _thread(events, (one["pid"], one["tid"]))
    raise RuntimeError(f"the browser's trace tells nothing of {address}")


def _thread(events: list[dict[str, Any]], thread: tuple[int, int]) -> list[dict[str, Any]]:
    """Return what this thread did, in order, each before what is in it."""
    own = [one for one in events if (one["pid"], one["tid"]) == thread and one.get("ph") == "X" and "dur" in one]
    return sorted(own, key=lambda one: (one["ts"], -one["dur"]))


def _by_step(thread: list[dict[str, Any]]) -> dict[str, float]:
    """Return the milliseconds of each step, of an event only what is not in another one inside it."""
    spent: Counter[str] = Counter()
    around: list[dict[str, Any]] = []
    for one in thread:
        while around and around[-1]["ts"] + around[-1]["dur"] <= one["ts"]:
            around.pop()
        took = one.get("tdur", one["dur"])
        spent[_step(one["name"])] += took
        if around:
            spent[_step(around[-1]["name"])] -= took
        around.append(one)
    return {step: took / 1000 for step, took in spent.items()}


def _step(name: str) -> str:
    return next((step for step, words in _STEPS.items() if any(word in name for word in words)), _REST)


def _bytes() -> list[str]:
    """Return what the code of both layers is made of."""
    both = {"boot.ts": small(code()), "fragments/settings.ts": small(code_later("settings"))}
    lines = [
        "## Bytes of the banner",
        "",
        "What the code of both layers is made of: the minified bytes that each part has in it, and the same share of its brotli bytes. The goal of 5,120 is for all of it.",
        "",
        "| part | minified | of the brotli bytes |",
        "|---|---:|---:|",
    ]
    minified: Counter[str] = Counter()
    squeezed: Counter[str] = Counter()
    for entry, whole in both.items():
        inputs = _inputs(entry)
        for file, size in inputs.items():
            part = next((name for name, files in _PARTS.items() if file.endswith(files)), "what else is in it")
            minified[part] += size
            squeezed[part] += size / sum(inputs.values()) * whole
    lines += [
        f"| {part} | {minified[part]:,} | {squeezed[part]:,.0f} |"
        for part in (*_PARTS, "what else is in it")
        if minified[part]
    ]
    lines.append(f"| **all** | {sum(minified.values()):,} | {sum(both.values()):,} |")
    return lines


def _inputs(entry: str) -> dict[str, int]:
    """Return the bytes of each source in the bundle of this entry, as the builder counts them."""
    program = (
        "import { build } from 'esbuild'; import { later, short, styles } from './bundling.mjs';"
        "const { define } = await later(); const { metafile } = await build({ entryPoints: [process.argv[1]], bundle: true, minify: true, "
        "format: 'esm', target: 'es2022', write: false, metafile: true, plugins: [styles], define, ...short });"
        "console.log(JSON.stringify(Object.values(metafile.outputs)[0].inputs))"
    )
    words = ["node", "--input-type=module", "-e", program, "--", f"src/{entry}"]
    done = subprocess.run(words, cwd=_HERE.parent / "snippet", capture_output=True, text=True, check=True)
    return {file: one["bytesInOutput"] for file, one in json.loads(done.stdout).items()}


if __name__ == "__main__":
    main()
