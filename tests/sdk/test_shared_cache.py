"""A website on a real socket with a shared cache in front that follows RFC 9111, and a page that is still on its way
when its visitor takes consent back: nobody ends up with another's page, or with a receipt that is over."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hishel import CacheOptions, SqliteStorage
from hishel.httpx import CacheTransport

from askfirst.cli.server import listen
from askfirst_sdk import Askfirst
from askfirst_sdk.asgi import ConsentMiddleware, InjectionMiddleware, consent_of_scope
from askfirst_sdk.inject import Snippets
from askfirst_sdk.mount import AsgiMount, Mount
from sdk.mounted import HOST, NAME, REFUSED
from support.places import PAGE
from support.served import Served

PUBLIC = (b"cache-control", b"public, max-age=600")
TAG = '<script src="/measure.js"></script>'


class Website:
    """Pages that say they may be kept by anybody, as careless developers write them."""

    def __init__(self, mount: Mount) -> None:
        self.mount = AsgiMount(mount)
        self.asked: list[str] = []
        self.half_sent = threading.Event()
        self.go_on = threading.Event()

    async def live(self, receive: Any, send: Any) -> None:
        """Close the mount's connections at the end."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.mount.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        path = scope["path"]
        if path.startswith("/askfirst/"):
            await self.mount(scope, receive, send)
            return
        self.asked.append(path)
        consent = consent_of_scope(scope)
        said = b"nothing of consent"
        if path.startswith("/keyed/"):
            consent.leave_cache_control()
        if path != "/plain":
            said = f"measured: {consent.allows('measurement')}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html"), PUBLIC]})
        await send({"type": "http.response.body", "body": b"<html><head></head>", "more_body": True})
        if path == "/slow":
            self.half_sent.set()
            await asyncio.to_thread(self.go_on.wait, 20)
        await send({"type": "http.response.body", "body": b"<body>" + said})


@pytest.fixture(scope="module")
def site(web_service: Served, reader: Askfirst, web_token: str) -> Iterator[tuple[Website, str]]:
    """Run the website."""
    website = Website(Mount(reader, token=web_token, timeout=30))
    # What is injected depends on consent too, but only where the page itself asks for it.
    app = ConsentMiddleware(_injected_where_asked(website), reader)
    listener = listen("127.0.0.1", 0, "--port")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield website, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def _injected_where_asked(website: Website) -> Any:
    injecting = InjectionMiddleware(website, Snippets({"measurement": TAG}))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await website.live(receive, send)
            return
        inner = website if scope["path"] == "/plain" or scope["path"].startswith("/askfirst/") else injecting
        await inner(scope, receive, send)

    return app


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[httpx.Client]:
    """Give the shared cache: what one visitor's request stored, another's may be answered with."""
    storage = SqliteStorage(database_path=tmp_path / "cache.db")
    transport = CacheTransport(httpx.HTTPTransport(), storage=storage, rfc=CacheOptions(shared=True))
    with httpx.Client(transport=transport, timeout=30) as client:
        yield client


def visit(client: httpx.Client, url: str, receipt: str | None) -> str:
    cookie = {} if receipt is None else {"cookie": f"{NAME}={receipt}"}
    return client.get(url, headers={"host": HOST, **cookie}).text


@pytest.fixture(scope="module")
def receipts(reader: Askfirst, web_token: str) -> tuple[str, str]:
    """Give the receipt of who accepted, and of who refused."""
    yes, no = (reader.record(one, token=web_token, language="en", timeout=30) for one in (["measurement"], []))
    return yes.receipt, no.receipt


def test_the_cache_is_one(site: tuple[Website, str], cache: httpx.Client, receipts: tuple[str, str]) -> None:
    """A page that asked nothing of consent is kept for everybody: without this the tests below would prove nothing."""
    website, url = site
    website.asked.clear()
    pages = {visit(cache, f"{url}/plain", one) for one in (*receipts, None)}

    assert 1 == len(pages)
    assert ["/plain"] == website.asked


@pytest.mark.parametrize("order", [(0, 1, None), (1, 0, None), (None, 0, 1), (0, None, 0, 1, 0)])
def test_nobody_gets_a_page_that_was_made_for_another(
    site: tuple[Website, str], cache: httpx.Client, receipts: tuple[str, str], order: tuple[int | None, ...]
) -> None:
    """Whoever comes first, and although the page says that it is public."""
    _, url = site
    for who in order:
        page = visit(cache, f"{url}/", None if who is None else receipts[who])
        assert (f"measured: {who == 0}" in page, who == 0) == (True, TAG in page)


def test_a_page_under_its_derived_key_is_shared_by_those_it_fits(
    site: tuple[Website, str], cache: httpx.Client, reader: Askfirst, receipts: tuple[str, str]
) -> None:
    """One copy for who allows, one for who does not: never more, and never the wrong one."""
    website, url = site
    website.asked.clear()
    for receipt in (*receipts, None, *receipts, None):
        consent = reader.read("" if receipt is None else f"{NAME}={receipt}")
        key = consent.cache_key(["measurement"])
        assert f"measured: {consent.allows('measurement')}" in visit(cache, f"{url}/keyed/{key}", receipt)

    assert ["/keyed/0", "/keyed/1"] == sorted(website.asked)


def test_a_withdrawal_while_a_page_is_on_its_way(
    site: tuple[Website, str], cache: httpx.Client, web_service: Served, reader: Askfirst, receipts: tuple[str, str]
) -> None:
    """The page ends as it began, sets no cookie over the newer receipt, and is kept for nobody; the next one knows."""
    website, url = site
    website.half_sent.clear()
    website.go_on.clear()
    jar = {NAME: receipts[0]}
    slow: list[httpx.Response] = []

    def load() -> None:
        with httpx.Client(timeout=30) as browser:
            slow.append(browser.get(f"{url}/slow", headers={"host": HOST, "cookie": f"{NAME}={receipts[0]}"}))

    loading = threading.Thread(target=load)
    loading.start()
    assert website.half_sent.wait(20)
    members = {**json.loads(web_service.body(web_service.home.random._next())), **REFUSED, "method": "withdraw"}
    headers = {"host": HOST, "origin": PAGE, "content-type": "text/plain", "cookie": f"{NAME}={jar[NAME]}"}
    with httpx.Client(timeout=30) as other_tab:
        answer = other_tab.post(
            f"{url}/askfirst/d", content=json.dumps({**members, "receipt": jar[NAME]}), headers=headers
        )
    assert 201 == answer.status_code
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    jar[name] = value
    website.go_on.set()
    loading.join(30)

    assert "measured: True" in slow[0].text
    assert "set-cookie" not in slow[0].headers
    assert "private, no-cache" == slow[0].headers["cache-control"]
    assert not reader.read(f"{NAME}={jar[NAME]}").allows("measurement")
    assert "measured: False" in visit(cache, f"{url}/slow", jar[NAME])
    assert "measured: False" in visit(cache, f"{url}/slow", None)


def test_the_mounts_answers_with_a_cookie_are_kept_by_nobody(
    site: tuple[Website, str], cache: httpx.Client, reader: Askfirst, web_token: str
) -> None:
    """A renewal through the cache reaches the mount each time, and only its own visitor gets the cookie."""
    _, url = site
    held = reader.record(["measurement"], token=web_token, language="en", timeout=30).receipt
    headers = {"host": HOST, "origin": PAGE}
    mine = cache.post(f"{url}/askfirst/renew", headers={**headers, "cookie": f"{NAME}={held}"})
    other = cache.post(f"{url}/askfirst/renew", headers=headers)
    settings = [
        cache.get(f"{url}/askfirst/settings", headers={"host": HOST, "cookie": c}).text for c in (f"{NAME}={held}", "")
    ]

    assert held in mine.headers["set-cookie"]
    assert "set-cookie" not in other.headers
    assert settings[0] != settings[1]
