"""The process that drives a browser for pictures: a job on standard input, PNG files in a folder.

It is run as `python -m askfirst.painting_worker` and knows nothing of the service, so that a browser that hangs takes
nothing with it.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

# The same page has to give the same picture: no hints, no sub-pixels, no profile of this very screen.
_FLAGS: Final = (
    "--disable-gpu",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)
# Nothing is ever asked of this host: every request is answered here, and only for the page itself.
_ADDRESS: Final = "https://banner.invalid/"


def main() -> None:
    """Do the job, and print as JSON the browser's name, or the reason why there are no pictures."""
    job: dict[str, Any] = json.load(sys.stdin)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=job["chromium"],
                args=list(_FLAGS),
                # Root can not have Chromium's own sandbox; the pages are ours and reach no network either way.
                chromium_sandbox=os.geteuid() != 0,
                timeout=job["patience_ms"],
            )
            _paint(browser, job)
            said = {"browser": f"Chromium {browser.version}"}
            browser.close()
    except Error as error:
        said = {"reason": _reason(error)}
    json.dump(said, sys.stdout)


def _paint(browser: Browser, job: dict[str, Any]) -> None:
    pages: dict[tuple[int, int], Page] = {}
    for number, sight in enumerate(job["sights"]):
        size = (sight["width"], sight["height"])
        page = pages.get(size) or _page(browser, *size)
        pages[size] = page
        _answer(page, sight)
        page.goto(_ADDRESS, timeout=job["patience_ms"])
        page.wait_for_selector("html[data-ready]", state="attached", timeout=job["patience_ms"])
        image = page.screenshot(animations="disabled", caret="hide", scale="css")
        Path(job["folder"], f"{number}.png").write_bytes(image)
        page.unroute_all(behavior="ignoreErrors")


def _page(browser: Browser, width: int, height: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=1,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        service_workers="block",
    )
    return context.new_page()


def _answer(page: Page, sight: dict[str, Any]) -> None:
    def answer(route: Route) -> None:
        if route.request.url == _ADDRESS:
            headers = {"content-security-policy": sight["content_policy"], "cache-control": "no-store"}
            route.fulfill(body=sight["html"], content_type="text/html; charset=utf-8", headers=headers)
        else:
            route.abort()

    page.route("**/*", answer)


def _reason(error: Error) -> str:
    """Return the first line of what the browser's driver said, as a clause."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    said = lines[0].rstrip(".") if lines else "it said nothing"
    if "Executable doesn't exist" in said or "executable doesn't exist" in said:
        return "no Chromium was found; install one, or name it in ASKFIRST_CHROMIUM"
    return f"the browser failed: {said}"


if __name__ == "__main__":
    main()
