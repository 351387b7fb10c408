"""`make bench-peers`: the banner beside six others, with the same policy, in one browser; writes PEERS.md."""

import gzip
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import brotli
from playwright.sync_api import Browser, Page, sync_playwright

from bench import machine
from bench.fixed_policy import code, code_later, published, site_script
from bench.later_visits import DECIDES_MS, HELD, TAG, TAGS, WATCH, metric, recorded, slow
from bench.machine import chromium
from bench.peers.setups import PEERS, Peer
from bench.website import website

_HERE = Path(__file__).parents[1]
RESULTS = _HERE / "PEERS.md"
# A refusal, by what it says: some peers do not use buttons for it.
_REFUSALS = "reject|decline|deny all|✗ deny all cookies|deny all cookies"
REFUSAL = re.compile(rf"^\s*({_REFUSALS})\s*$", re.IGNORECASE)
ACCEPTANCE = re.compile(r"^\s*(accept|ok|allow all)\s*$", re.IGNORECASE)
HOW = (
    "Chromium at 4x slow-down, 1280 by 800 px, the bench policy in English, every file from one loopback server; 15 runs in turn, medians, of layout shift the greatest. Bytes are of both layers "
    "and without the policy, which each peer is told its own way. Seen: when a refusal is there. Script time and the main thread's are of the thread itself; another visit is one "
    "after a refusal, with the files in the browser's cache, and what it takes more than the same page without a banner. Paints after a click are the browser's own event timing, in steps of 8 ms; "
    f"every click comes {DECIDES_MS} ms after its button is seen, as nobody reads and answers sooner; "
    "tags are held by what marks them in the page, where the peer has such a way. Every Accept counts only once all ten tags ran."
)
_AFTER_MS = 300


def page_of(peer: Peer | None, script: str = "", held: str = "") -> str:
    """Return the bench page with a peer, with a script alone, or with nothing, and with tags that are held."""
    page = (_HERE / "page.html").read_text(encoding="utf-8").replace("<script>", f"{WATCH}<script>", 1)
    page = page.replace("</body>", f"{held}</body>")
    page = page.replace(
        '[...document.querySelectorAll(wanted ? "button" : "h1")].some(\n  (e) => (!wanted || e.textContent.trim() === wanted)',
        f'[...document.querySelectorAll(wanted ? "button,a" : "h1")].some(\n  (e) => (!wanted || /^({_REFUSALS})$/i.test(e.textContent.trim()))',
    )
    if peer is None:
        tag = f'<script async src="{script}"></script>' if script else ""
        return page.replace("WANTED", "Reject" if script else "").replace("TAG", tag)
    start = f"<script>{peer.start(published())}</script>"
    tags = [
        f'<link rel="stylesheet" href="/{peer.name}/{file}">'
        if file.endswith(".css")
        else f'<script src="/{peer.name}/{file}"></script>'
        for file in ([peer.first] if peer.first else peer.files)
    ]
    body = "\n".join([start, *tags] if peer.before else [*tags, start])
    return page.replace("WANTED", "Reject").replace("TAG", "").replace("</body>", f"{body}\n</body>")


@dataclass(frozen=True)
class Visit:
    """One visitor: a first visit, a refusal, and another visit; milliseconds, and how many requests the first made."""

    seen: float
    shift: float
    blocked: float
    script: float
    requests: int
    refused: float
    again: float


def visit(browser: Browser, url: str, *, asks: bool) -> Visit:
    """Return what one visitor met."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, devtools = slow(context)
        page.goto(url)
        page.wait_for_function("window.seen", timeout=15_000)
        page.wait_for_timeout(_AFTER_MS)
        script = metric(devtools, "ScriptDuration")
        seen, shift, blocked, requests = page.evaluate(
            "[window.seen, window.shift, window.blocked, performance.getEntriesByType('resource').length]"
        )
        if asks:
            _click(page, REFUSAL)
            page.wait_for_timeout(_AFTER_MS)
        refused = page.evaluate("window.click")
        page.close()
        back, devtools = slow(context)
        back.goto(f"{url}?again")
        back.wait_for_timeout(_AFTER_MS)
        return Visit(seen, shift, blocked, script, requests, refused, metric(devtools, "TaskDuration"))
    finally:
        context.close()


def accepted(browser: Browser, url: str) -> float:
    """Return the milliseconds from Accept to the next paint on a page that holds ten tags, all of which ran after."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page, _ = slow(context)
        page.goto(url)
        _click(page, ACCEPTANCE)
        page.wait_for_function(f"window.ran === {TAGS}", timeout=20_000)
        page.wait_for_timeout(_AFTER_MS)
        return float(page.evaluate("window.click"))
    finally:
        context.close()


def _click(page: Page, says: re.Pattern[str]) -> None:
    button = page.locator("button:visible,a:visible").filter(has_text=says).first
    button.wait_for()
    page.wait_for_timeout(DECIDES_MS)
    button.click()


def main(runs: int) -> None:
    """Measure all in turn, and write medians."""
    load = machine.load()
    files: dict[str, bytes] = {"/minimal.js": (_HERE / "minimal.js").read_bytes(), "/tag.js": TAG}
    files |= {"/none": page_of(None).encode(), "/minimal": page_of(None, "/minimal.js").encode()}
    files["/askfirst"] = page_of(None, "/askfirst.js").encode()
    files["/askfirst-tags"] = page_of(None, "/askfirst.js", HELD).encode()
    # Both layers: peers have theirs in their files too.
    parts = {"askfirst": [code(), code_later("settings")]}
    for peer in PEERS:
        files[f"/{peer.name}"] = page_of(peer).encode()
        if peer.held:
            files[f"/{peer.name}-tags"] = page_of(peer, held=peer.held(TAGS)).encode()
        loaded = {file: peer.read(file) for file in peer.files}
        files |= {f"/{peer.name}/{file}": content for file, content in loaded.items()}
        parts[peer.name] = list(loaded.values())
    names = ["none", "minimal", "askfirst", *(peer.name for peer in PEERS)]
    visits: dict[str, list[Visit]] = {name: [] for name in names}
    clicks: dict[str, list[float]] = {name: [] for name in names if f"/{name}-tags" in files}
    with website(files, recorded) as url, sync_playwright() as playwright:
        files["/askfirst.js"] = site_script("en", url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for run in range(runs + 1):  # the browser's own first page is slower than any later one
            for name in names:
                found = visit(browser, f"{url}/{name}", asks=name not in ("none", "minimal"))
                click = accepted(browser, f"{url}/{name}-tags") if name in clicks else 0.0
                if run:
                    visits[name].append(found)
                    if name in clicks:
                        clicks[name].append(click)
        browser.close()
    lines = [
        "# Beside other banners",
        "",
        *machine.description(datetime.now(UTC), load, "make bench-peers"),
        "",
        HOW,
        "",
    ]
    lines += [
        "| banner | code and style, brotli | gzip | requests | seen | over the bar | script time | blocking | layout shift | refusal to paint | Accept to paint, "
        "ten tags held | another visit, main thread |",
        f"|---|{'---:|' * 11}",
        *(_line(name, visits, parts.get(name, []), clicks.get(name)) for name in names),
        "",
    ]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _line(name: str, visits: dict[str, list[Visit]], parts: list[bytes], clicks: list[float] | None) -> str:
    mine = visits[name]
    over = median(one.seen - bar.seen for one, bar in zip(mine, visits["minimal"], strict=True))
    again = median(one.again - none.again for one, none in zip(mine, visits["none"], strict=True))
    small = sum(len(brotli.compress(one, quality=11)) for one in parts)
    plain = sum(len(gzip.compress(one, 9, mtime=0)) for one in parts)
    cells = [
        name,
        f"{small:,}" if parts else "",
        f"{plain:,}" if parts else "",
        f"{median(one.requests for one in mine):.0f}",
        f"{median(one.seen for one in mine):.0f} ms",
        f"{over:+.0f} ms",
        f"{median(one.script for one in mine):.0f} ms",
        f"{median(one.blocked for one in mine):.0f} ms",
        f"{max(one.shift for one in mine):.4f}",
        f"{median(one.refused for one in mine):.0f} ms" if parts else "",
        f"{median(clicks):.0f} ms" if clicks else "",
        f"{again:+.1f} ms",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
