"""The tests' own promise: nothing in them reaches another machine."""

import socket

import httpx
import pytest

from support.closed_network import NetworkIsClosedError


@pytest.mark.parametrize("address", ["http://192.0.2.1/", "http://[2001:db8::1]/", "https://example.org/"])
def test_another_machine_is_out_of_reach(address: str) -> None:
    """By address and by name, the attempt itself is the error."""
    with pytest.raises(NetworkIsClosedError):
        httpx.get(address)


def test_this_machine_is_not() -> None:
    """Loopback stays open: a refused connection is the system's own word."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(closed.getsockname())
