"""One service over several databases: each has a node of its own, and a request goes to the one that it is about.

What a database is away for is its own organisations' trouble alone: its node's queue, threads and loops are its own.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import wait
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from anyio.to_thread import current_default_thread_limiter
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askfirst.app import PUBLIC
from askfirst.core.errors import ConfigurationFault, NotFound, Problem, Unauthorized, Unavailable
from askfirst.databases import Database
from askfirst.node import Node
from askfirst.served_database import AWAY, PATIENCE_S, THREADS, OpenNode, ServedDatabase
from askfirst.settings import Settings
from askfirst.usecases.sessions import secret_hash
from askfirst.usecases.tokens import read_token
from askfirst.web.console.frame import Frame
from askfirst.web.metrics import MetricsPage, note_database
from askfirst.web.openapi import ADDRESS as OPENAPI
from askfirst.web.problems import problem_response

log = logging.getLogger("askfirst")

LOOK_MS: Final = 2000
START_S: Final = 10.0
# Where a site key comes first, whatever the address is for: read off the routes, so that none is forgotten.
SITE_ADDRESSES: Final = frozenset({path.split("/")[1] for path in PUBLIC if "{site}" in path} | {"s"})
_SCRIPT: Final = frozenset({"b", "f", "c"})
_COOKIE: Final = "askfirst_organisation"
_YEAR_S: Final = 365 * 86_400
_MOST_KNOWN: Final = 10_000
_LINK: Final = "/console/link/"
_SIGN_IN: Final = "/console/sign-in"


class SeveralDatabases:
    """The service's application where a directory names several databases."""

    def __init__(self, databases: Sequence[Database], open_node: OpenNode, settings: Settings) -> None:
        """Open every database that can be reached, all at once; who does not answer within ten seconds, and who is
        away, is tried again every two seconds.

        Raises ConfigurationFault where two of them hold what is to be in one, and what a node raises.
        """
        self._joining = threading.Lock()
        self.parts = [ServedDatabase(one, open_node, self._join) for one in databases]
        wait([part.begin() for part in self.parts], START_S)
        for part in self.parts:
            part.begun()
        self._require_apart()
        self._by_slug = {slug: part for part in self.parts for slug in part.database.organisations or ()}
        self._known: dict[bytes, ServedDatabase] = {}  # whose token or link: by the hash, so that no secret lies here
        self._secure = settings.public_url.startswith("https:")
        metrics = MetricsPage(settings.metric_readers)
        # Everything that is no single database's.
        self._own = Starlette(
            routes=[
                Route("/healthz", self._health),
                Route("/readyz", self._ready),
                Route("/metrics", metrics.show),
            ],
            lifespan=lambda _app: self.lifespan(),
            exception_handlers={Problem: _on_problem},
        )

    def dispose(self) -> None:
        """Let go of every connection, before this process starts others."""
        for part in self.parts:
            if part.node is not None:
                part.node.engine.dispose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] != "http" or scope["path"] in ("/healthz", "/readyz", "/metrics"):
            await self._own(scope, receive, send)
            return
        try:
            found = await self._find(scope)
            await found(scope, receive, send)
        except Problem as problem:
            await problem_response(problem, scope["path"])(scope, receive, send)

    async def _find(self, scope: Scope) -> ASGIApp:
        """Return the application that a request is for, or the answer to it. Raises Unavailable."""
        first, _, rest = scope["path"].removeprefix("/").partition("/")
        if first in SITE_ADDRESSES:
            return self._of_site(rest.partition("/")[0].partition(".")[0])
        if first in _SCRIPT:
            return self._of_script(scope["path"])
        if first == "log":
            return self._of_log(rest.partition("/")[0])
        if first == "api" and scope["path"] != OPENAPI:
            return await self._of_token(Request(scope))
        if first == "console" and not rest.startswith("assets/"):
            return await self._of_console(Request(scope))
        return self._any()

    def _any(self) -> ServedDatabase:
        """Return any database that answers: what the request is for is the same in all of them."""
        known = [part for part in self.parts if part.app is not None]
        if not known:
            raise Unavailable(5, AWAY)
        return next((part for part in known if part.reachable), known[0])

    def _missing(self) -> ServedDatabase:
        """Return a database that says that nothing is there, if that is known: it may be in a database away."""
        if any(part.app is None for part in self.parts):
            raise Unavailable(5, AWAY)
        return self._any()

    def _of_site(self, key: str) -> ServedDatabase:
        found = [part for part in self.parts if part.app and part.node and key in part.node.live.directory.sites]
        if len(found) > 1:
            log.critical("the site %s is in two databases; no answer is taken for it", key)
            raise Unavailable(60, "two databases have this site")
        return found[0] if found else self._missing()

    def _of_script(self, path: str) -> ServedDatabase:
        for part in self.parts:
            if part.app is not None and part.node is not None and path in part.node.live.current.scripts:
                return part
        return self._missing()

    def _of_slug(self, slug: str) -> ServedDatabase:
        return self._by_slug.get(slug) or self._any()

    def _of_log(self, name: str) -> ServedDatabase:
        if name in self._by_slug:
            return self._by_slug[name]
        known = [part for part in self.parts if part.app is not None and part.node is not None]
        found = [part for part in known if part.node and part.node.live.directory.organisation_of_log(name)]
        return found[0] if len(found) == 1 else self._missing()

    async def _of_token(self, request: Request) -> ServedDatabase:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return self._any()
        part = await self._holder(
            b"token:" + secret_hash(secret.strip()), lambda node: _has_token(node, secret.strip())
        )
        return part or self._any()

    async def _of_console(self, request: Request) -> ASGIApp:
        given = parse_qsl(request.url.query, keep_blank_values=True)
        asked = next((value for name, value in given if name == "organisation"), None)
        if asked is not None and request.method in ("GET", "HEAD"):
            return self._chosen(request, asked, [one for one in given if one[0] != "organisation"])
        if request.url.path.startswith(_LINK):
            secret = request.url.path.removeprefix(_LINK)
            part = await self._holder(b"link:" + secret_hash(secret), lambda node: _has_link(node, secret))
            if part is None:
                return self._any()
            return _Remembered(part, self._cookie(_first_slug(part)))
        slug = request.cookies.get(_COOKIE, "")
        if slug in self._by_slug:
            return self._of_slug(slug)
        if request.url.path == _SIGN_IN:
            return self._ask(request, "")
        return RedirectResponse(_SIGN_IN, 303)

    def _chosen(self, request: Request, slug: str, others: list[tuple[str, str]]) -> Response:
        """Remember in the browser which organisation's desk it is at, or ask."""
        if slug not in self._by_slug:
            answer = self._ask(request, slug)
        else:
            query = f"?{urlencode(others)}" if others else ""
            answer = RedirectResponse(quote(request.url.path) + query, 303)
        answer.headers.append("set-cookie", self._cookie(slug if slug in self._by_slug else ""))
        return answer

    def _ask(self, request: Request, slug: str) -> Response:
        """Return the page that asks which organisation somebody belongs to. It lists none: who works here knows."""
        for part in self.parts:
            if part.node is not None:
                frame = Frame(part.node.live)
                return frame.page(
                    request, "which.html", status=404 if slug else 200, slug=slug[:64], unknown=bool(slug)
                )
        raise Unavailable(5, AWAY)

    def _cookie(self, slug: str) -> str:
        secure = "; Secure" if self._secure else ""
        return f"{_COOKIE}={slug}; Path=/console; Max-Age={_YEAR_S if slug else 0}; HttpOnly; SameSite=Lax{secure}"

    async def _holder(self, key: bytes, holds: Callable[[Node], bool]) -> ServedDatabase | None:
        """Return the database that knows a secret; None where none does. Raises Unavailable in doubt."""
        if (known := self._known.get(key)) is not None:
            return known
        loop = asyncio.get_running_loop()
        doubt = False
        for part in self.parts:
            if part.node is None or not part.reachable:
                doubt = True
                continue
            try:
                asked = loop.run_in_executor(part.hands, holds, part.node)
                if not await asyncio.wait_for(asked, PATIENCE_S):
                    continue
            except (SQLAlchemyError, TimeoutError):
                doubt = True
                continue
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = part
            return part
        if doubt:
            raise Unavailable(5, AWAY)
        return None

    async def _health(self, _request: Request) -> Response:
        """GET /healthz: the process answers."""
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def _ready(self, _request: Request) -> Response:
        """GET /readyz: which databases answer. While one does, the process has work that others need not do for it."""
        await self._look()
        states = {part.database.name: "ready" if part.reachable else "away" for part in self.parts}
        status = 200 if "ready" in states.values() else 503
        return JSONResponse({"databases": states}, status, headers={"Cache-Control": "no-store"})

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Run every node, and look for the databases that are away, as long as the block runs."""
        # The threads of handlers are one pool for all: each database has its share, which it can not exceed.
        current_default_thread_limiter().total_tokens = THREADS * len(self.parts)
        for part in self.parts:
            if part.node is not None and part.app is not None:
                await part.node.open()
            note_database(part.database.name, part.reachable)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            # All at once: one that can not be reached keeps the others no longer than a moment.
            await asyncio.gather(*(part.node.close() for part in self.parts if part.node and part.app))
            for part in self.parts:
                part.hands.shutdown(wait=False, cancel_futures=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_MS / 1000)
            await self._look()

    async def _look(self) -> None:
        await asyncio.gather(*(part.look() for part in self.parts))

    def _join(self, new: ServedDatabase, node: Node) -> None:
        """Take up a database that came late; one at a time, so that no two of them overlook each other."""
        with self._joining:
            self._require_apart((new.database.name, node))
            new.node = node

    def _require_apart(self, *new: tuple[str, Node]) -> None:
        """Raise ConfigurationFault where two databases hold one site, or two logs have one name."""
        nodes = [(part.database.name, part.node) for part in self.parts if part.node is not None]
        found: dict[tuple[str, str], str] = {}
        faults = []
        for database, node in (*nodes, *new):
            directory = node.live.directory
            names = [("the log", one.origin) for one in directory.organisations.values()]
            for name in [*names, *(("site", key) for key in directory.sites)]:
                other = found.setdefault(name, database)
                if other != database:
                    faults.append((" ".join(name), f"is in the databases {other} and {database}"))
        if faults:
            raise ConfigurationFault(faults)


class _Remembered:
    """An application whose answer also says which organisation the browser is at."""

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self._app, self._cookie = app, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"set-cookie", self._cookie.encode())]}
            await send(message)

        await self._app(scope, receive, with_cookie)


def _has_token(node: Node, secret: str) -> bool:
    try:
        read_token(node.live.staff, secret, clock=node.live.clock)
    except Unauthorized:
        return False
    return True


def _has_link(node: Node, secret: str) -> bool:
    return node.live.staff.link(secret_hash(secret)) is not None


def _first_slug(part: ServedDatabase) -> str:
    return min(part.database.organisations or ("",))


async def _on_problem(_request: Request, problem: Exception) -> Response:
    return problem_response(problem if isinstance(problem, Problem) else NotFound())
