"""The console on a real socket, and people in front of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from askfirst.cli.server import listen
from askfirst.node import Node
from askfirst.serving import server_config
from browser.demo.conftest import demo, visitor
from support.places import Home, furnish, open_home, settings_of
from support.running_service import RunningService, run_service
from support.staff import sign_in
from support.time_and_ids import CountedRandomness, HandClock

__all__ = ["demo", "visitor"]


@dataclass(frozen=True)
class Console:
    """A service with a console: its address, its home, and the service as its own tests know it."""

    url: str
    home: Home
    node: Node
    service: RunningService

    def sign_in(self, context: BrowserContext, who: Any) -> None:
        """Let somebody in without the form."""
        secret = sign_in(self.service, who).signed_in.secret
        context.add_cookies([{"name": "askfirst_session", "value": secret, "url": self.url, "httpOnly": True}])


@pytest.fixture
def empty_home(tmp_path: Path) -> Iterator[Callable[[int], Home]]:
    """Open a home for a service on this port."""
    opened: list[Home] = []

    def make(port: int) -> Home:
        settings = settings_of(tmp_path / "home", public_url=f"http://127.0.0.1:{port}")
        opened.append(open_home(settings, HandClock(), CountedRandomness("console")))
        return opened[-1]

    yield make
    for home in opened:
        home.close()


@pytest.fixture
def console_of(empty_home: Callable[[int], Home]) -> Iterator[Callable[[Callable[[Home], object]], Console]]:
    """Open a console whose home a test furnishes; its loops rest."""
    with ExitStack() as ends:

        def run(furnished: Callable[[Home], object]) -> Console:
            listener = listen("127.0.0.1", 0, "--port")
            port = listener.getsockname()[1]
            home = empty_home(port)
            furnished(home)
            # Two services on one database: one that answers the browser, and one that a test records decisions with.
            node = Node(home.settings, clock=home.clock, random=CountedRandomness("node"))
            server = uvicorn.Server(server_config(node))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            ends.callback(thread.join, 30)
            ends.callback(setattr, server, "should_exit", True)
            service = ends.enter_context(run_service(home))
            return Console(f"http://127.0.0.1:{port}", home, node, service)

        yield run


@pytest.fixture
def console(console_of: Callable[[Callable[[Home], object]], Console]) -> Console:
    """Give a console with two organisations and their sites."""
    return console_of(lambda home: furnish(home.place))


@pytest.fixture
def desk(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open browsers that tell what goes wrong in them: an error in the console of a page fails the test."""
    made: list[BrowserContext] = []
    wrong: list[str] = []

    def sit(**given: Any) -> Page:
        context = browser.new_context(**given)
        context.set_default_timeout(8000)
        made.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield sit
    for context in made:
        context.close()
    assert [] == wrong
