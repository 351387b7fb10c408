"""A service on a real socket, and a website's mount in front of it, as the tests of the SDK want them."""

import asyncio
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askfirst.usecases.tokens import issue_token
from askfirst_sdk import Askfirst
from askfirst_sdk.mount import AsgiMount, Mount, WsgiMount
from support.places import PAGE, open_home, settings_of
from support.served import Served, serve
from support.time_and_ids import CountedRandomness, HandClock

SITE = "demo0001"
HOST = "www.example.org"
NAME = f"__Host-askfirst-{SITE}"


@dataclass
class Answered:
    """What came back: header names in lower case, several of one name in order."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def one(self, name: str) -> str | None:
        """Return a header that is there at most once."""
        values = self.headers.get(name, [])
        assert len(values) <= 1, values
        return values[0] if values else None

    @property
    def token(self) -> str | None:
        """The receipt that was set as a cookie."""
        cookie = self.one("set-cookie")
        return None if cookie is None else cookie.partition("=")[2].partition(";")[0]


@dataclass
class Site:
    """A website's server: its `Askfirst`, its mount, and how to ask it over ASGI or WSGI."""

    served: Served
    askfirst: Askfirst
    mount: Mount
    kind: str

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answered:
        """Send a request as a page of this site does; a header's `_` is written `-`, None leaves it out."""
        given = {"host": HOST, "origin": PAGE, **{name.replace("_", "-"): text for name, text in headers.items()}}
        sent = {name: text for name, text in given.items() if text is not None and text != ""}
        path, _, query = path.partition("?")
        if self.kind == "asgi":
            return asyncio.run(_over_asgi(AsgiMount(self.mount), method, path, query, sent, body))
        app = WsgiMount(self.mount)
        try:
            return _over_wsgi(app, method, path, query, sent, body)
        finally:
            app.close()

    def decision(self, **changes: Any) -> bytes:
        """Return a page's decision with an id of its own and the present time."""
        self.served.home.clock.forward(1)
        number = self.served.home.random._next()
        members = {**json.loads(self.served.body(number)), "at": int(time.time() * 1000), **changes}
        return json.dumps({name: value for name, value in members.items() if value is not None}).encode()

    def decide(self, held: str | None = None, **changes: Any) -> Answered:
        """Accept all, or what is changed, holding a receipt."""
        cookie = "" if held is None else f"{NAME}={held}"
        return self.ask("POST", "/askfirst/d", self.decision(**changes), cookie=cookie, content_type="text/plain")


REFUSED = {"purposes": {"measurement": False, "embeds": False}, "method": "reject_all"}


@contextmanager
def service(furnished: Path, folder: Path) -> Iterator[Served]:
    """Give a service with the real time, so that its receipts count for a reader's clock."""
    import shutil

    shutil.copytree(furnished, folder)
    home = open_home(settings_of(folder), HandClock(int(time.time() * 1000)), CountedRandomness(folder.parent.name))
    with serve(home) as running:
        yield running
    home.close()


def recorder_token(served: Served) -> str:
    """Return a token by which the service believes a website's server."""
    place = served.home.place
    return issue_token(place.staff, 1, name="web", role="recorder", sites=(SITE,), days=30, by=place.by)


async def _over_asgi(app: Any, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answered:
    sent: list[Any] = []
    parts = [body[:10], body[10:]]

    async def receive() -> dict[str, Any]:
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "root_path": ""}
    scope |= {"scheme": "https", "headers": [(n.encode(), v.encode("latin-1")) for n, v in headers.items()]}
    await app({**scope, "client": ("203.0.113.77", 40_000)}, receive, send)
    await app.aclose()
    answered: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        answered.setdefault(name.decode(), []).append(value.decode())
    return Answered(sent[0]["status"], answered, b"".join(one.get("body", b"") for one in sent[1:]))


def _over_wsgi(app: Any, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answered:
    began: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.url_scheme": "https"}
    environ |= {"REMOTE_ADDR": "203.0.113.77", "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}  # type: ignore[dict-item]
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    pieces = b"".join(app(environ, lambda status, given: began.append((status, given))))
    answered: dict[str, list[str]] = {}
    for name, value in began[0][1]:
        answered.setdefault(name.lower(), []).append(value)
    return Answered(int(began[0][0][:3]), answered, pieces)
