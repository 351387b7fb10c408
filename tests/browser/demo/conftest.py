"""The demo as `make demo` starts it, and a browser in front of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ASKFIRST = Path(sys.executable).with_name("askfirst")


@dataclass(frozen=True)
class Demo:
    """A running demo: its addresses and its command line."""

    site: str
    service: str
    folder: Path
    link: str

    def askfirst(self, *words: str, code: int = 0) -> str:
        """Run the command line on the demo's folder and return what it printed."""
        environment = {**os.environ, "ASKFIRST_HOME": str(self.folder), "ASKFIRST_PUBLIC_URL": self.service}
        done = subprocess.run(
            [ASKFIRST, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert code == done.returncode, done.stderr + done.stdout
        return done.stdout

    def records(self) -> list[dict[str, Any]]:
        """Return all decisions, newest first."""
        found: list[dict[str, Any]] = json.loads(self.askfirst("audit", "list", "--json"))["records"]
        return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Start the demo command itself on free ports, and stop it as Ctrl+C would."""
    service, site = free_port(), free_port()
    words = ["demo", "--folder", str(tmp_path / "demo"), "--service-port", str(service), "--site-port", str(site)]
    log = (tmp_path / "log").open("w+")
    running = subprocess.Popen([ASKFIRST, *words], stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        printed = tmp_path / "log"
        _wait_until(lambda: "Stop with" in printed.read_text() and _answers(service) and _answers(site), running)
        link = re.search(r"http://127\.0\.0\.1:\d+/console/link/[0-9a-f]{64}", printed.read_text())
        assert link is not None
        yield Demo(f"http://localhost:{site}", f"http://127.0.0.1:{service}", tmp_path / "demo", link[0])
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=30)
        log.seek(0)
        said = log.read()
        log.close()
    assert "Traceback" not in said, said


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(holds: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert running.poll() is None, "the demo ended by itself"
        assert time.monotonic() < end, "the demo did not answer in time"
        time.sleep(0.05)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make visitors: each a browser context without any memory. The tracker counts automated browsers only where a page
    tells it to, so each page does."""
    made: list[BrowserContext] = []

    def visit(**given: Any) -> BrowserContext:
        context = browser.new_context(**given)
        context.set_default_timeout(8000)
        context.add_init_script("window.__plausible = true")
        made.append(context)
        return context

    yield visit
    for context in made:
        context.close()


def events(page: Page, demo: Demo) -> list[dict[str, str]]:
    """Return what the demo's measurement received, newest first."""
    found: list[dict[str, str]] = page.request.get(f"{demo.site}/events").json()
    return found
