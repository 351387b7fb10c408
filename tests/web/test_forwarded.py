"""Whose word is taken about where a request came from."""

import asyncio
from typing import Any

import pytest

from askfirst.core.errors import ConfigurationFault
from askfirst.web.forwarded import LOOPBACK, Forwarded
from support.command_line import CommandLine


def seen(trusted: str, peer: str, *forwarded: str) -> str:
    """Return the address that the application sees."""
    found = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["client"][0])

    async def nothing(*_given: Any) -> Any:
        return None

    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    asyncio.run(Forwarded(app, trusted)({"type": "http", "client": (peer, 5), "headers": headers}, nothing, nothing))
    return str(found[0])


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        (LOOPBACK, "127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        (LOOPBACK, "::1", ["203.0.113.9"], "203.0.113.9"),
        (LOOPBACK, "::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.0/8", "::ffff:10.0.0.7", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (" 10.0.0.7 , ", "10.0.0.7", ["203.0.113.9:4711"], "203.0.113.9"),
        ("2001:DB8::7", "2001:db8::7", ["[2001:db8::9]:4711"], "2001:db8::9"),
        (LOOPBACK, "203.0.113.1", ["203.0.113.9"], "203.0.113.1"),
        (LOOPBACK, "::ffff:203.0.113.1", ["203.0.113.9"], "203.0.113.1"),
        (LOOPBACK, "127.0.0.1", [], "127.0.0.1"),
        ("*", "203.0.113.1", ["203.0.113.9"], "203.0.113.9"),
    ],
)
def test_a_proxy_is_believed_however_its_address_is_written(
    trusted: str, peer: str, forwarded: list[str], client: str
) -> None:
    """A socket for both kinds of addresses writes those of IPv4 in IPv6: all visitors shared one limit there."""
    assert client == seen(trusted, peer, *forwarded)


@pytest.mark.parametrize("named", ["10.0.0.1/8", "proxy", "10.0.0.0/33", "*, 10.0.0.1", "127.0.0.1 10.0.0.1"])
def test_what_names_no_proxy_stops_the_service(
    furnished_askfirst: CommandLine, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Taken for a name, it believed nobody, and all visitors shared one limit."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", named)

    assert "FORWARDED_ALLOW_IPS must be addresses or networks such as" in furnished_askfirst.refuses("serve", PORT="0")
    with pytest.raises(ConfigurationFault):
        seen(named, "127.0.0.1")
