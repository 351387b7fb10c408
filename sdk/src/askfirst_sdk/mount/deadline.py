"""One deadline for a whole call to the service: httpx's own limits are for one read at a time, so that an answer which
comes byte by byte would never be late."""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any
from urllib.request import getproxies

import httpcore
import httpx

__all__ = ["Deadline", "bounded_client"]


class Deadline:
    """Until when the call of the present thread may last, in seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def begin(self, seconds: float) -> None:
        """Give the calls of this thread so many seconds from now."""
        self._of_thread.end = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """Return the seconds that a step may take, at most `timeout`; raise httpcore.ReadTimeout when none are left."""
        left: float = getattr(self._of_thread, "end", 0.0) - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole call is over")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection of which no read or write outlasts the call."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        begun = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(begun, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Makes such connections."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options), self._deadline)


def bounded_client(timeout: float, deadline: Deadline) -> httpx.Client:
    """Return a client whose calls end at `deadline`, and whose single steps end after `timeout` seconds.

    Where the environment names a proxy for what leaves this machine, the client goes through it as httpx does it, and
    only single steps have their end.
    """
    if getproxies():
        return httpx.Client(timeout=timeout, follow_redirects=False)
    transport = httpx.HTTPTransport()
    # httpx has no argument for the network below it; its pool is httpcore's own, which has one.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(), network_backend=_Backend(deadline), keepalive_expiry=5.0
    )
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False)
