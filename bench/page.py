"""When a visitor sees the banner, at a processor slowed down four times, beside a minimal bar of 1 KB."""

import http.server
import os
import shutil
import threading
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from askfirst.core.policy import Controller
from askfirst.core.site_script import script_config
from askfirst.snippet_files import read_snippet
from askfirst.texts.default_policy import default_draft
from bench.row import Row

RUNS = 15
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>{tag}</head><body><main><h1>A page</h1>
<p>Words.</p></main><script>
const seen = () => [...document.querySelectorAll("button")].some((b) => b.textContent.trim() === "Reject" && b.getClientRects().length);
const look = () => seen() ? requestAnimationFrame(() => window.shown = performance.now()) : requestAnimationFrame(look);
look(); window.shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach((e) => window.shift += e.value)).observe({{type: "layout-shift", buffered: true}});
</script></body></html>"""
_MINIMAL = """(()=>{const d=document.createElement("div");d.style.cssText="position:fixed;bottom:0;left:0;right:0;padding:16px;background:#fff";
d.textContent="We use cookies. ";for(const t of["Accept","Reject"]){const b=document.createElement("button");b.textContent=t;d.append(b)}
document.body?document.body.append(d):addEventListener("DOMContentLoaded",()=>document.body.append(d))})()"""


def measure() -> list[Row]:
    """Return medians of the time from navigation to the first frame with a Reject button."""
    owner = Controller(name="Example Ltd", address="1 High Street", contact="privacy@example.org", country="IE")
    policy = default_draft(owner, "https://www.example.org/privacy").published("bench", 1, 1)
    with _server() as (url, files):
        snippet = read_snippet()
        config = script_config(policy, "en", service_url=url, policy_digest="0" * 64, build_digest="0" * 64)
        files["/askfirst.js"] = snippet.script([], config)
        files["/minimal.js"] = _MINIMAL.encode()
        for name in ("askfirst", "minimal"):
            files[f"/{name}"] = _PAGE.format(tag=f'<script async src="/{name}.js"></script>').encode()
        with sync_playwright() as playwright:
            named = os.environ.get("ASKFIRST_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=named, args=["--no-sandbox", "--disable-gpu"])
            ours, bar = [], []
            for _ in range(RUNS):  # in turn, so that what else the machine does meets both alike
                ours.append(_shown(browser, f"{url}/askfirst"))
                bar.append(_shown(browser, f"{url}/minimal"))
            browser.close()
    shown, beside = median(one[0] for one in ours), median(one[0] for one in bar)
    return [
        Row(
            "banner seen, 4x slow-down, median of 15",
            f"{shown:.0f} ms",
            f"{beside:.0f} ms minimal bar",
            "within 30 ms of the bar",
            shown - beside <= 30,
        ),
        Row("layout shift", f"{max(one[1] for one in ours):.3f}", "", "0", max(one[1] for one in ours) == 0),
    ]


def _shown(browser: Browser, url: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url)
    page.wait_for_function("window.shown")
    found: list[float] = page.evaluate("[window.shown, window.shift]")
    context.close()
    return found[0], found[1]


class _server:  # noqa: N801 - used as a context
    """A tiny website from memory."""

    def __enter__(self) -> tuple[str, dict[str, bytes]]:
        files: dict[str, bytes] = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = files.get(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}", files

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
