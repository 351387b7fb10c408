"""`make bench-peers`: the banner beside six others, with the same policy, in one browser; printed as a table."""

import sys
from pathlib import Path
from statistics import median

import brotli
from playwright.sync_api import Browser, Error, sync_playwright

from bench.fixed_policy import code, code_later, published, site_script
from bench.machine import chromium
from bench.peers.setups import PEERS, Peer
from bench.website import website

_HERE = Path(__file__).parents[1]
SLOWER = 4
_AFTER_MS = 300
# A refusal, by what it says: some peers do not use buttons for it.
_REFUSAL = r"/^(reject|decline|deny all|✗ deny all cookies|deny all cookies)$/i"


def page_of(peer: Peer | None, script: str = "") -> str:
    """Return the bench page with a peer, with a script alone, or with nothing."""
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    page = page.replace(
        '[...document.querySelectorAll(wanted ? "button" : "h1")].some(\n  (e) => (!wanted || e.textContent.trim() === wanted)',
        f'[...document.querySelectorAll(wanted ? "button,a" : "h1")].some(\n  (e) => (!wanted || {_REFUSAL}.test(e.textContent.trim()))',
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


def visit(browser: Browser, url: str) -> tuple[float, float, float, float]:
    """Return when the refusal is seen, layout shift, blocking, and script time, in ms, of one first visit."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable")
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url)
        page.wait_for_function("window.seen", timeout=15_000)
        page.wait_for_timeout(_AFTER_MS)
        told = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        seen, shift, blocked = page.evaluate("[window.seen, window.shift, window.blocked]")
        return seen, shift, blocked, told["ScriptDuration"] * 1000
    finally:
        context.close()


def main(runs: int) -> None:
    """Measure all in turn and print medians."""
    files: dict[str, bytes] = {"/minimal.js": (_HERE / "minimal.js").read_bytes()}
    files |= {"/none": page_of(None).encode(), "/minimal": page_of(None, "/minimal.js").encode()}
    files["/askfirst"] = page_of(None, "/askfirst.js").encode()
    # Both layers: peers have theirs in their files too.
    both = (code(), code_later("settings"))
    sizes = {"askfirst": sum(len(brotli.compress(one, quality=11)) for one in both)}
    for peer in PEERS:
        files[f"/{peer.name}"] = page_of(peer).encode()
        loaded = {file: peer.read(file) for file in peer.files}
        files |= {f"/{peer.name}/{file}": content for file, content in loaded.items()}
        sizes[peer.name] = sum(len(brotli.compress(content, quality=11)) for content in loaded.values())
    names = ["none", "minimal", "askfirst", *(peer.name for peer in PEERS)]
    visits: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in names}
    with website(files) as url, sync_playwright() as playwright:
        files["/askfirst.js"] = site_script("en", url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for run in range(runs + 1):  # the browser's own first page is slower than any later one
            for name in list(names):
                try:
                    found = visit(browser, f"{url}/{name}")
                except Error as error:
                    print(f"{name}: not seen ({str(error).splitlines()[0]})", file=sys.stderr)
                    names.remove(name)
                    continue
                if run:
                    visits[name].append(found)
        browser.close()
    bar = [one[0] for one in visits["minimal"]]
    print("| banner | code, brotli | seen | over the bar | script time | blocking | layout shift |")
    print("|---|---|---|---|---|---|---|")
    for name in (name for name in names if visits[name]):
        seen, shift, blocked, script = (list(column) for column in zip(*visits[name], strict=True))
        over = median(mine - other for mine, other in zip(seen, bar, strict=True))
        print(
            f"| {name} | {sizes.get(name, 0):,} | {median(seen):.0f} ms | {over:+.0f} ms | {median(script):.0f} ms "
            f"| {median(blocked):.0f} ms | {max(shift):.4f} |"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
