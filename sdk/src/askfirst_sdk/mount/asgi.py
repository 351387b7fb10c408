"""The mount as an ASGI application, for `app.mount("/askfirst", AsgiMount(mount))` and the like."""

import asyncio
import contextlib
import weakref
from typing import TYPE_CHECKING

from ..asgi import Receive, Scope, Send
from ..errors import ConfigurationError
from .core import MAX_BODY, Mount
from .exchange import Call, Incoming, Outgoing, Reply

if TYPE_CHECKING:
    import httpx

__all__ = ["AsgiMount"]


class AsgiMount:
    """Answers below the mount's path. The connection to the service is made with httpx, which `askfirst-sdk[mount]`
    brings; `client` is for tests."""

    def __init__(self, mount: Mount, client: "httpx.AsyncClient | None" = None) -> None:
        self._mount = mount
        self._given = client
        # A client belongs to the event loop that first used it.
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ConfigurationError("the mount answers HTTP requests only")
        body = b""
        more = True
        while more and len(body) <= MAX_BODY:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self._answer(_incoming(self._mount, scope, body))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        if answer.status in {204, 304}:
            headers.pop()
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def aclose(self) -> None:
        """Close this event loop's connections to the service: for the end of the application's lifespan."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _answer(self, request: Incoming) -> Outgoing:
        work = self._mount.steps(request)
        try:
            call = next(work)
            while True:
                call = work.send(await self._called(call))
        except StopIteration as done:
            answer: Outgoing = done.value
            return answer

    async def _called(self, call: Call) -> Reply:
        import httpx  # noqa: PLC0415  # an extra, needed where there is a mount

        url = f"{self._mount.service_url}{call.path}"
        with contextlib.suppress(httpx.HTTPError, TimeoutError, ValueError):
            async with asyncio.timeout(self._mount.timeout):
                request = self._client().build_request(call.method, url, headers=dict(call.headers), content=call.body)
                reply = await self._client().send(request, stream=True)
                try:
                    body = bytearray()
                    async for part in reply.aiter_bytes():
                        body += part
                        if len(body) > call.limit:
                            return Reply(0)
                finally:
                    await reply.aclose()
                return Reply(reply.status_code, {k.lower(): v for k, v in reply.headers.items()}, bytes(body))
        return Reply(0)

    def _client(self) -> "httpx.AsyncClient":
        if self._given is not None:
            return self._given
        import httpx  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = httpx.AsyncClient(timeout=self._mount.timeout, follow_redirects=False)
            self._clients[loop] = client
        return client


def _incoming(mount: Mount, scope: Scope, body: bytes) -> Incoming:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in headers else text
    path: str = scope["path"]
    for prefix in (scope.get("root_path", ""), mount.path):
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            path = path[len(prefix) :]
    client = scope.get("client")
    return Incoming(
        method=scope["method"],
        path=path,
        headers=headers,
        body=body,
        query=scope.get("query_string", b"").decode("latin-1"),
        scheme=scope.get("scheme", "http"),
        address=client[0] if client else None,
        request=scope,
    )
