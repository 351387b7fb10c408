"""Nothing in a test reaches another machine: a socket that would is an error of the test."""

import ipaddress
import socket
from typing import Any

import pytest

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


class NetworkIsClosedError(AssertionError):
    """A test wanted to speak to something that is not this machine."""


def close_network(patch: pytest.MonkeyPatch) -> None:
    """Let sockets connect to loopback addresses only, and names resolve that mean one."""
    patch.setattr(socket.socket, "connect", _only_here(_connect))
    patch.setattr(socket.socket, "connect_ex", _only_here(_connect_ex))
    patch.setattr(socket, "getaddrinfo", _resolve)


def _only_here(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
            raise NetworkIsClosedError(f"a test wanted to connect to {address!r}")
        return connect(self, address)

    return guarded


def _resolve(host: Any, *rest: Any, **named: Any) -> Any:
    text = host.decode() if isinstance(host, bytes) else host
    if text and not is_loopback(text) and text not in ("0.0.0.0", "::"):  # noqa: S104 - nothing listens here
        raise NetworkIsClosedError(f"a test wanted to resolve {text!r}")
    return _getaddrinfo(host, *rest, **named)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
