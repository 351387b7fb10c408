"""What the banner costs after the first sight: the click with ten held tags, the visits of who has answered, and the largest paint."""

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from statistics import median

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from bench.row import Row
from bench.spread import interval

RUNS = 15
SLOWER = 4
TAGS = 10
CLICK_MS = 24
DECIDES_MS = 500  # from a button's sight to the click: nobody reads a question and answers it sooner
_AFTER_MS = 300
_HERE = Path(__file__).parent
HELD = "".join(
    f'<script type="text/plain" data-purpose="measurement" src="/tag.js?{number}"></script>' for number in range(TAGS)
)
# Three milliseconds of work, as small tags have, and four times that here.
_REFUSED = {"embeds": False, "marketing": False, "measurement": False}
TAG = b"for (const end = performance.now() + 3; performance.now() < end; );window.ran = (window.ran ?? 0) + 1;"
_LINE = (
    "Words of an article that somebody came to read, in a paragraph as there is one on nearly every page of the web. "
)
# Every event that is slower than a frame is told; a quicker one is counted as one frame.
WATCH = """<script>
window.click = 16; window.largest = "nothing";
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (one.interactionId)
  window.click = Math.max(window.click, one.duration); }).observe({ type: "event", durationThreshold: 16, buffered: true });
new PerformanceObserver((list) => { for (const one of list.getEntries())
  window.largest = !one.element || one.element.closest("[data-nosnippet]") ? "the banner" : one.element.localName;
}).observe({ type: "largest-contentful-paint", buffered: true });
</script>"""


def pages(page: str) -> dict[str, bytes]:
    """Return the pages that these visits need, made of the bench page."""
    line = '<script async src="/askfirst.js"></script>'
    plain = (
        page.replace("WANTED", "")
        .replace("<script>", f"{WATCH}<script>", 1)
        .replace("</main>", f"<p>{_LINE * 6}</p></main>")
    )
    return {
        "/tag.js": TAG,
        "/tags": plain.replace("TAG", line).replace("</body>", f"{HELD}</body>").encode(),
        "/article": plain.replace("TAG", line).encode(),
        "/article-alone": plain.replace("TAG", "").encode(),
    }


def rows(browser: Browser, url: str) -> list[Row]:
    """Return the rows, measured in turn."""
    clicks, largest, requests = [], set(), set()
    costs: Mapping[str, list[float]] = {"/article": [], "/article-alone": []}
    for run in range(RUNS + 1):
        click = _click(browser, f"{url}/tags")
        painted, asked = _first_visit(browser, f"{url}/article")
        largest.add(painted)
        requests.add(asked)
        both = {path: _return_visit(browser, url, path) for path in Random(run).sample(list(costs), 2)}
        if run:  # the browser's own first visits are slower than any later ones
            clicks.append(click)
            for path, cost in both.items():
                costs[path].append(cost)
    ours, alone = costs["/article"], costs["/article-alone"]
    pairs = [one - other for one, other in zip(ours, alone, strict=True)]
    low, high = interval(pairs)
    return [
        Row(
            f"Accept to next paint, {TAGS} tags held",
            f"{median(clicks):.0f} ms ({min(clicks):.0f} to {max(clicks):.0f})",
            f"the browser's own event timing, in steps of 8 ms, {DECIDES_MS} ms after sight",
            f"at most {CLICK_MS} ms",
            median(clicks) <= CLICK_MS,
        ),
        Row(
            "return visit with an answer, main thread",
            f"{median(ours):.1f} ms; {median(pairs):+.1f} ms ({low:+.1f} to {high:+.1f}) beside no banner",
            f"{median(alone):.1f} ms no banner",
            "within noise",
            low <= 0,
        ),
        Row(
            "largest paint of an article",
            ", ".join(sorted(largest)),
            "",
            "never the banner",
            "the banner" not in largest,
        ),
        Row(
            "requests of a first visit, beside the page",
            ", ".join(map(str, sorted(requests))),
            "",
            "1",
            requests == {1},
        ),
    ]


def slow(context: BrowserContext) -> tuple[Page, CDPSession]:
    """Return a new page that is slowed down, and what tells its metrics."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    # The thread's own time, so that what else the machine does is not counted.
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page, devtools


def _click(browser: Browser, url: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, _ = slow(context)
        page.goto(url)
        accept = page.get_by_role("button", name="Accept", exact=True)
        accept.wait_for()
        page.wait_for_timeout(DECIDES_MS)
        accept.click()
        page.wait_for_function(f"window.ran === {TAGS}", timeout=20_000)
        page.wait_for_timeout(_AFTER_MS)
        taken: float = page.evaluate("window.click")
        return taken
    finally:
        context.close()


def _first_visit(browser: Browser, url: str) -> tuple[str, int]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, _ = slow(context)
        page.goto(url)
        page.get_by_role("button", name="Accept", exact=True).wait_for()
        page.wait_for_timeout(_AFTER_MS)
        largest, requests = page.evaluate("[window.largest, performance.getEntriesByType('resource').length]")
        return largest, requests
    finally:
        context.close()


def come_before(context: BrowserContext, url: str, path: str) -> None:
    """Have been here with an answer: it is in a cookie, and the script in the browser's cache."""
    kept = {"askfirst-bench": receipt(_REFUSED), "answer": "Reject"}  # the minimal bar has its own
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in kept.items()])
    before = context.new_page()
    before.goto(f"{url}{path}")
    before.wait_for_timeout(_AFTER_MS)


def _return_visit(browser: Browser, url: str, path: str) -> float:
    """Return what the main thread works in a second visit with an answer, with the script in the browser's cache, in ms."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        come_before(context, url, path)
        page, devtools = slow(context)
        page.goto(f"{url}{path}")
        page.wait_for_timeout(_AFTER_MS)
        return metric(devtools, "TaskDuration")
    finally:
        context.close()


def metric(devtools: CDPSession, name: str) -> float:
    """Return one of the browser's own metrics, in milliseconds."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == name)) * 1000


def recorded(body: bytes) -> bytes:
    """Return what the service answers to a decision, as a page reads it."""
    return json.dumps({"v": 1, "receipt": receipt(json.loads(body)["purposes"]), "late": False}).encode()


def receipt(purposes: Mapping[str, bool]) -> str:
    """Return a receipt of these answers, as a page reads it: its signature is for servers."""
    now = int(time.time())
    granted = any(purposes.values())
    given = now if granted else now // 86_400 * 86_400
    members = {
        "v": 1,
        "site": "bench",
        **({"sub": "0" * 21} if granted else {}),
        "pol": _text(bytes(16)),
        "rev": 1,
        "p": purposes,
        "iat": given,
        "exp": given + 86_400 * 182,
    }
    return f"{_text(json.dumps(members, separators=(',', ':')).encode())}.{_text(bytes(68))}"


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
