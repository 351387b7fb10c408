"""The service as its callers meet it: the real application with its lifespan, in an event loop of its own thread."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette

from askfirst import node as node_module
from askfirst.app import build_app
from askfirst.node import Node
from support.places import PAGE, PAGES, Home, current_digest
from support.table_rows import row_counts

VISITOR = ("203.0.113.77", 40_000)
AGENT = "Mozilla/5.0 (an agent that nobody else has)"


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer as it went over the wire, its body still encoded."""

    status: int
    headers: dict[str, str]
    body: bytes


class RunningService:
    """A started service. Its loops rest: `settle` sequences, signs and reads the catalogue again."""

    def __init__(self, home: Home, node: Node, app: Starlette, portal: BlockingPortal, asked: int) -> None:
        self.home, self.node, self.app = home, node, app
        self._portal = portal
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=True, client=VISITOR),
            base_url=home.settings.public_url,
            headers={"accept-encoding": "identity", "user-agent": AGENT},
        )
        self._asked = asked

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Send one request and return its whole answer."""

        async def send() -> httpx.Response:
            return await self.client.request(method, path, **given)

        return self._portal.call(send)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET a path; a header's `_` is written `-`."""
        return self.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})

    def wire(self, method: str, path: str, headers: dict[str, str]) -> WireAnswer:
        """Send one request with exactly these headers, and return the answer undecoded."""

        async def send() -> WireAnswer:
            request = self.client.build_request(method, path)
            request.headers = httpx.Headers({"host": request.url.host, **headers})
            answer = await self.client.send(request, stream=True)
            body = b"".join([part async for part in answer.aiter_raw()])
            await answer.aclose()
            return WireAnswer(answer.status_code, dict(answer.headers), body)

        return self._portal.call(send)

    def call(self, work: Any, *arguments: Any) -> Any:
        """Run a coroutine function in the service's loop."""
        return self._portal.call(work, *arguments)

    def settle(self) -> None:
        """Give every committed entry its place, sign, and read the catalogue again."""
        self.node.sequence()
        self.node.publish()
        self.node.refresh()

    def build(self, site: str = "demo0001") -> str:
        """Return the digest of the script that the site's pages have."""
        found = re.search(r'"[0-9a-f]{64}","([0-9a-f]{64})",', self.get(f"/s/{site}.js").text)
        assert found is not None
        return found[1]

    def decision(self, site: str = "demo0001", **changes: Any) -> dict[str, Any]:
        """Return a decision that accepts all, with a new id; a member that is changed to None is left out."""
        self._asked += 1
        given: dict[str, Any] = {
            "v": 1,
            "id": str(UUID(int=0x4000_8000_0000_0000_0000 | self._asked)),
            "policy": current_digest(self.home.place, site),
            "build": self.build(site),
            "language": "en",
            "purposes": {"measurement": True, "embeds": True},
            "method": "accept_all",
            "at": self.home.clock(),
            "gpc": False,
            "rule": "default",
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    def post(
        self,
        decision: dict[str, Any] | bytes,
        site: str = "demo0001",
        *,
        origin: str | None = PAGE,
        content_type: str | None = "text/plain",
    ) -> httpx.Response:
        """POST a decision as a page does."""
        body = decision if isinstance(decision, bytes) else json.dumps(decision, separators=(",", ":")).encode()
        given = {"origin": origin, "content-type": content_type}
        headers = {name: value for name, value in given.items() if value is not None}
        return self.request("POST", f"/d/{site}", content=body, headers=headers)

    def accept(self, site: str = "demo0001", **changes: Any) -> dict[str, Any]:
        """Record a decision and return its answer."""
        answer = self.post(self.decision(site, **changes), site, origin=PAGES[site])
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def refuse(self, site: str = "demo0001", **changes: Any) -> dict[str, Any]:
        """Record a full refusal and return its answer."""
        nothing = {"measurement": False, "embeds": False}
        return self.accept(site, **{"purposes": nothing, "method": "reject_all", **changes})

    def rows(self) -> dict[str, int]:
        """Return how many rows every table holds."""
        return row_counts(self.home.place.engine)

    def close_client(self) -> None:
        """Close the client."""
        self._portal.call(self.client.aclose)


# Tests do these when they want them: a machine that is slow would do them in between.
node_module.DELIVER_MS = node_module.WATCH_MS = 3_600_000


class _RestingNode(Node):
    """A node whose loops rest for an hour where they do so for a minute, the longest that a setting may say: a service
    that tests share outlives a minute."""

    async def _every(self, pause_ms: int, work: Callable[[], None]) -> None:
        await super()._every(3_600_000 if pause_ms >= 60_000 else pause_ms, work)


@contextmanager
def run_service(home: Home, *, asked: int = 0) -> Iterator[RunningService]:
    """Start the service of a home, where so many decisions were made before, and stop it at the end."""
    node = _RestingNode(home.settings, clock=home.clock, random=home.random)
    app = build_app(node)
    with start_blocking_portal() as portal, _lifespan(portal, app):
        service = RunningService(home, node, app, portal, asked)
        try:
            yield service
        finally:
            service.close_client()


def _lifespan(portal: BlockingPortal, app: Starlette) -> AbstractContextManager[Any]:
    return portal.wrap_async_context_manager(app.router.lifespan_context(app))


def problem(code: str, status: int, title: str, detail: str, **members: Any) -> dict[str, Any]:
    """Return the problem document that is expected."""
    return {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, **members}
