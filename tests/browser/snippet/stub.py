"""A tiny website and decision endpoint for the snippet's own tests: real HTTP, the real build, no service."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import askfirst
from askfirst.core.packed_config import packed_config
from askfirst.core.site_script import page_script
from askfirst.core.slim_config import slim_config
from browser.snippet.receipts import receipt

# What the service joins by itself, where the configuration says so.
_PARTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "dialog": lambda config: config.get("layout") == "dialog",
    "regions": lambda config: config.get("rules"),
    "gpc": lambda config: config.get("gpc"),
}
STATIC = Path(askfirst.__file__).parent / "static"
# A page that has this in it comes in pieces, each a while after the one before it.
PAUSE = b"<!-- pause -->"
FAILED = "The content could not be loaded."
# Fetched where it is wanted, as the build says.
_LATER = json.loads((STATIC / "snippet" / "manifest.json").read_text(encoding="utf-8"))["later"]


@dataclass
class Stub:
    """One running stub, changed by a test while it runs. `mode`: `up`, `down` (503), `hangs`, or a status code."""

    port: int
    config: dict[str, Any]
    mode: str | int = "up"
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    packed: Callable[[list[Any]], list[Any]] = list
    decisions: list[dict[str, Any]] = field(default_factory=list)
    tries: list[bytes] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    answers: dict[str, bytes] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def service(self) -> str:
        """The service's origin: another host name than the site's, since cookies ignore ports."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def site(self) -> str:
        """The website's origin."""
        return f"http://localhost:{self.port}"

    def whole(self) -> list[Any]:
        """Return the whole policy, as a page fetches it where somebody opens the second layer."""
        return packed_config(self.config | {"service": self.service})

    def told(self) -> list[Any]:
        """Return what the script is called with."""
        return self.packed(slim_config(self.whole(), FAILED))

    def script(self) -> str:
        """Return the site script, joined as the service joins it."""
        known = self.config.get("parts", {})
        wanted = [part for part, says in _PARTS.items() if says(self.config) and part not in known]
        boot, *used = ((STATIC / "snippet" / f"{part}.js").read_text(encoding="ascii") for part in ("boot", *wanted))
        return page_script(boot, [*used, *self.fragments], self.told()).decode()

    def use(self, part: str, settings: object = None) -> None:
        """Join a fragment of the build, if it is not fetched later, with what the service would say to it."""
        if part not in _LATER:
            self.fragments.append((STATIC / "snippet" / f"{part}.js").read_text(encoding="ascii"))
        self.config.setdefault("parts", {})[part] = settings

    def decide(self, body: bytes) -> tuple[int, bytes]:
        """Take one decision: the first answer again for the same id."""
        self.tries.append(body)
        if self.mode == "down":
            return 503, b"{}"
        if self.mode == "hangs":
            self.released.wait(20)
        if isinstance(self.mode, int):
            return self.mode, b'{"title":"refused by the test"}'
        decision = json.loads(body)
        if decision["id"] not in self.answers:
            self.decisions.append(decision)
            given: dict[str, Any] = {"gpc": decision["gpc"]}
            if decision["method"] == "signal":
                given |= {"v": 2, "m": "signal"}
            if not any(decision["purposes"].values()):
                given = {}
            token = receipt(self.config["site"], decision["purposes"], now=time.time(), **given)
            self.answers[decision["id"]] = json.dumps({"v": 1, "receipt": token, "late": False}).encode()
            return 201, self.answers[decision["id"]]
        return 200, self.answers[decision["id"]]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.stub.requests.append(path)
        config = self.stub.config
        pinned = f"/c/demo/{config['policy']}/{config['build']}/{config['language']}.json"
        if path == "/s/demo.js":
            self._answer(200, "text/javascript; charset=utf-8", self.stub.script().encode(), cors=True)
        elif path in self.stub.blocked:
            self._answer(503, "text/plain", b"not now", cors=True)
        elif path.startswith(("/f/", "/askfirst/f/")):
            file = STATIC / "snippet" / f"{path.rpartition('/f/')[2].partition('-')[0]}.js"
            self._answer(
                200, "text/javascript; charset=utf-8", b"export default " + file.read_bytes() + b";", cors=True
            )
        elif path.removeprefix("/askfirst") == pinned:
            self._answer(200, "application/json", json.dumps(self.stub.whole()).encode(), cors=True)
        elif path == "/measure.js":
            self._answer(200, "text/javascript", (STATIC / "demo" / "measure.js").read_bytes())
        elif path in self.stub.pages:
            kinds = {"js": "text/javascript", "json": "application/json"}
            kind = kinds.get(path.rpartition(".")[2], "text/html; charset=utf-8")
            page = self.stub.pages[path].replace("{service}", self.stub.service)
            cors = "json" in kind or path.startswith("/r/")
            self._answer(200, kind, page.encode(), cors=cors, **self.stub.headers)
        else:
            self._answer(404, "text/plain", b"not here")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/api/event":
            self.stub.events.append(json.loads(body))
            self._answer(202, "text/plain", b"ok")
        else:
            status, answer = self.stub.decide(body)
            self._answer(status, "application/json", answer, cors=True)

    def _answer(self, status: int, kind: str, body: bytes, *, cors: bool = False, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if cors:
            self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        first, *rest = body.split(PAUSE)
        self.wfile.write(first)
        for piece in rest:
            time.sleep(0.3)
            self.wfile.write(PAUSE + piece)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has above
        """Say nothing: a test's output is its failures."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of an answer is not an error here."""


@contextmanager
def running_stub(config: dict[str, Any]) -> Iterator[Stub]:
    """Run a stub on a free loopback port for as long as the context lasts."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    handler.stub = stub = Stub(port=server.server_address[1], config=config)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.released.set()
        server.shutdown()
        server.server_close()
