"""The mount as a WSGI application, around or beside the site's own."""

import contextlib
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..wsgi import Application, Environ, StartResponse
from .core import MAX_BODY, Mount
from .exchange import Call, Incoming, Outgoing, Reply

if TYPE_CHECKING:
    import httpx

    from .deadline import Deadline

__all__ = ["WsgiMount"]


class WsgiMount:
    """Answers below the mount's path, and hands everything else to `app` where one is given. The connection to the
    service is made with httpx, which `askfirst-sdk[mount]` brings; `client` is for tests."""

    def __init__(self, mount: Mount, app: Application | None = None, client: "httpx.Client | None" = None) -> None:
        self._mount = mount
        self._app = app
        self._given = client
        self._local: httpx.Client | None = None
        self._end: Deadline | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = _text(environ.get("PATH_INFO", ""))
        below = path.startswith(f"{self._mount.path}/")
        if self._app is not None and not below:
            return self._app(environ, start_response)
        answer = self.answer(_incoming(environ, path[len(self._mount.path) :] if below else path))
        headers = list(answer.headers)
        if answer.status not in (204, 304):
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def answer(self, request: Incoming) -> Outgoing:
        """Return the answer to a request below the mount."""
        work = self._mount.steps(request)
        try:
            call = next(work)
            while True:
                call = work.send(self._called(call))
        except StopIteration as done:
            answer: Outgoing = done.value
            return answer

    def close(self) -> None:
        """Close the connections to the service: for the end of the process."""
        with self._lock:
            client, self._local = self._local, None
        if client is not None:
            client.close()

    def _called(self, call: Call) -> Reply:
        import httpcore  # noqa: PLC0415  # httpx's own ground
        import httpx  # noqa: PLC0415  # an extra, needed where there is a mount

        url = f"{self._mount.service_url}{call.path}"
        with contextlib.suppress(httpx.HTTPError, httpcore.TimeoutException, ValueError):
            client, end = self._client()
            end.begin(self._mount.timeout)
            with client.stream(call.method, url, headers=dict(call.headers), content=call.body) as reply:
                body = bytearray()
                for part in reply.iter_bytes():
                    body += part
                    end.left(None)  # raises when the time is over, for a client that was given too
                    if len(body) > call.limit:
                        return Reply(0)
                return Reply(reply.status_code, {k.lower(): v for k, v in reply.headers.items()}, bytes(body))
        return Reply(0)

    def _client(self) -> "tuple[httpx.Client, Deadline]":
        from .deadline import Deadline, bounded_client  # noqa: PLC0415

        with self._lock:
            if self._end is None:
                self._end = Deadline()
            if self._given is not None:
                return self._given, self._end
            if self._local is None:
                self._local = bounded_client(self._mount.timeout, self._end)
            return self._local, self._end


def _length(told: str) -> int:
    """Return how much of a body to read: what a server handed on as the length may be no number, or a huge one."""
    if not (told.isascii() and told.isdigit()):
        return 0
    digits = told.lstrip("0") or "0"
    return MAX_BODY + 1 if len(digits) > len(str(MAX_BODY)) else min(int(digits), MAX_BODY + 1)


def _incoming(environ: Environ, path: str) -> Incoming:
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    body = environ["wsgi.input"].read(_length(environ.get("CONTENT_LENGTH") or ""))
    return Incoming(
        method=environ["REQUEST_METHOD"],
        path=path,
        headers=headers,
        body=body,
        query=environ.get("QUERY_STRING", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        address=environ.get("REMOTE_ADDR"),
        request=environ,
    )


def _text(path: str) -> str:
    return path.encode("latin-1").decode("utf-8", "replace")
