"""When a visitor sees the banner on a slow machine, beside a page without one and one with the least possible bar."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench import later_visits
from bench.fixed_policy import site_script
from bench.machine import chromium
from bench.row import Row, Section
from bench.spread import interval, spread
from bench.website import website

RUNS = 45
LIMIT_MS = 30
SLOWER = 4
_AFTER_MS = 300  # what moves or blocks shortly after the banner is counted too
_HERE = Path(__file__).parent
# What is waited for: the page's heading where there is no banner, else the button to reject.
_WANTED = {"none": "", "minimal": "Reject", "askfirst": "Reject"}


@dataclass(frozen=True)
class _Visit:
    """One first visit: milliseconds from navigation to sight, layout shift, milliseconds of blocking."""

    seen: float
    shift: float
    blocked: float


def measure() -> Section:
    """Return medians of the time until the banner is there, with layout shift and blocking time."""
    files = {"/minimal.js": (_HERE / "minimal.js").read_bytes()}
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    for name, wanted in _WANTED.items():
        tag = f'<script async src="/{name}.js"></script>' if wanted else ""
        files[f"/{name}"] = page.replace("WANTED", wanted).replace("TAG", tag).encode()
    files |= later_visits.pages(page)
    visits: dict[str, list[_Visit]] = {name: [] for name in _WANTED}
    with website(files, later_visits.recorded) as url, sync_playwright() as playwright:
        files["/askfirst.js"] = site_script("en", url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            for name in _WANTED:
                _visit(browser, f"{url}/{name}")  # the browser's own first page is slower than any later one
            for _ in range(RUNS):  # in turn, so that what else the machine does meets all alike
                for name in _WANTED:
                    visits[name].append(_visit(browser, f"{url}/{name}"))
            more = later_visits.rows(browser, url)
        finally:
            browser.close()
    return Section(
        "Banner",
        f"Chromium at {SLOWER}x slow-down, 1280 by 800 px, first visit each time, the bench policy in English in an "
        f"async script from the same loopback server; {RUNS} runs in turn. Seen: from navigation to the beginning of the frame "
        "after the first one with a Reject button (without a banner: with the heading). Blocking: what long tasks "
        f"last beyond 50 ms, until {_AFTER_MS} ms after sight. The difference is the median of the runs' pairs with its "
        "95 % interval: where that lies on both sides of the goal, these runs do not decide. A return visit has the script in its cache and an answer in its "
        "cookie; its cost is the processor time of the main thread. The article has one paragraph of six lines. Minimal bar: minimal.js, "
        f"{len(files['/minimal.js']):,} bytes.",
        [*_rows(visits), *more],
    )


def _rows(visits: dict[str, list[_Visit]]) -> list[Row]:
    ours, bar, none = visits["askfirst"], visits["minimal"], visits["none"]
    pairs = [one.seen - other.seen for one, other in zip(ours, bar, strict=True)]
    low, high = interval(pairs)
    shift = max(one.shift for one in ours)
    blocked = median(one.blocked for one in ours)
    return [
        Row(
            "banner seen",
            f"{spread([one.seen for one in ours])}; {median(pairs):+.0f} ms ({low:+.0f} to {high:+.0f}) beside the bar",
            f"{spread([one.seen for one in bar])} minimal bar; {spread([one.seen for one in none])} no banner",
            f"within {LIMIT_MS} ms of the bar",
            True if high <= LIMIT_MS else False if low > LIMIT_MS else None,
        ),
        Row(
            "blocking time, median",
            f"{blocked:.0f} ms",
            f"{median(one.blocked for one in bar):.0f} ms minimal bar; "
            f"{median(one.blocked for one in none):.0f} ms no banner",
            "0 ms",
            blocked == 0,
        ),
        Row(
            "layout shift, greatest",
            f"{shift:.4f}",
            f"{max(one.shift for one in bar):.4f} minimal bar; {max(one.shift for one in none):.4f} no banner",
            "0",
            shift == 0,
        ),
    ]


def _visit(browser: Browser, url: str) -> _Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url)
        page.wait_for_function("window.seen", timeout=20_000)
        page.wait_for_timeout(_AFTER_MS)
        return _Visit(*page.evaluate("[window.seen, window.shift, window.blocked]"))
    finally:
        context.close()
