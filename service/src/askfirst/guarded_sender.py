"""Sends webhooks only to where anybody may look: never into the network that the service stands in (SSRF).

Every address that a name leads to is checked, and the connection is made to the checked one, so that a name that leads
elsewhere a moment later changes nothing. Redirects are not followed, an answer's body is not read, and all is over
after some seconds, however slowly a receiver speaks.
"""

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from askfirst.usecases.webhooks import Sent

_SECONDS: Final = 10.0
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# All that was ever given out to the internet. Outside of it are old and local ways to write an IPv4 address too.
_GLOBAL: Final = ipaddress.ip_network("2000::/3")


class GuardedSender:
    """The `Sender` of usecases.webhooks. `inside`: addresses of the own network are allowed, and http with them."""

    def __init__(self, *, inside: bool = False, seconds: float = _SECONDS) -> None:
        """Take what is allowed, and for how long one message may take."""
        self._inside, self._seconds = inside, seconds

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        """Send a message once."""
        if not self._inside and not url.startswith("https://"):
            return Sent(False, "The address is not https, and only those inside the network may do without.")
        backend = _Backend(inside=self._inside, deadline=time.monotonic() + self._seconds)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=ssl.create_default_context(), network_backend=backend, keepalive_expiry=0
                ) as pool,
                pool.stream("POST", url, headers=[*headers.items()], content=body) as answer,
            ):
                status = answer.status
        except _RefusedError as refused:
            return Sent(False, str(refused))
        except (httpcore.TimeoutException, TimeoutError):
            return Sent(False, f"It did not answer within {self._seconds:g} seconds.")
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as error:
            return Sent(False, f"It can not be reached: {type(error).__name__}.")
        after = ", and redirects are not followed" if 300 <= status < 400 else ""
        return Sent(200 <= status < 300, f"It answered {status}{after}.")


class _RefusedError(Exception):
    """An address is not one that may be told anything."""


class _Backend(httpcore.NetworkBackend):
    """Connects to a checked address, within what is left of the time."""

    def __init__(self, *, inside: bool, deadline: float) -> None:
        self._inside, self._deadline = inside, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise _RefusedError("Its name is not known.") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not self._inside and not all(is_public(one) for one in addresses):
            raise _RefusedError("Its address is inside the network, where nothing may be sent.")
        for one in addresses[:-1]:
            # A part of the time only: what is left belongs to the others of its addresses.
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(one, port, _left(self._deadline) / 2, local_address, socket_options)
        return self._connected(addresses[-1], port, _left(self._deadline), local_address, socket_options)

    def _connected(
        self, address: str, port: int, seconds: float, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore.NetworkStream:
        return _Stream(self._plain.connect_tcp(address, port, seconds, local_address, socket_options), self._deadline)

    def connect_unix_socket(self, *_given: Any, **_named: Any) -> httpcore.NetworkStream:
        raise _RefusedError("A socket of this machine is no address.")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that ends at a deadline, however often something arrives on it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet, seen through every form of IPv4 inside IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found not in _GLOBAL:
            return False
    return found.is_global and not found.is_multicast


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
