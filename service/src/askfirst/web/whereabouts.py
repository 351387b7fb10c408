"""Where a visitor is, as far as the operator's own proxy or database tells it: asked for one answer, and never kept."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

# Where an address of the network is kept that sent the request, before a forwarded address takes its place.
PEER: Final = "askfirst.peer"

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PART: Final = re.compile(r"[A-Z0-9]{1,3}")
# What providers of such headers say of an address that they can not place: unknown, Tor, and the reserved codes.
_NOWHERE: Final = frozenset({"XX", "T1", "ZZ", "EU", "AP", "A1", "A2", "O1"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class PlaceDatabase(Protocol):
    """A database of addresses in the format of MaxMind."""

    def get(self, ip_address: str) -> object:
        """Return what is known of an address, or None. Raises ValueError for what is no address."""
        ...


class Whereabouts:
    """Tells a visitor's place: `US-CA`, `DE`, or None where it is not known."""

    def __init__(
        self,
        *,
        proxies: Sequence[Network] = (),
        country_header: str = "",
        part_header: str = "",
        database: PlaceDatabase | None = None,
    ) -> None:
        """Take the networks whose requests are believed, the names of their headers, and a database; each may lack."""
        self._proxies = tuple(proxies)
        self._country, self._part = country_header.lower().encode(), part_header.lower().encode()
        self._database = database

    def place(self, scope: Mapping[str, Any]) -> str | None:
        """Return the place of whoever sent a request, by its ASGI scope.

        A trusted proxy's headers come first, and no other's are looked at. A header that is there twice was partly
        written by somebody else, so it says nothing.
        """
        if self._country and self._is_proxy(scope):
            named = _place(self._header(scope, self._country), self._header(scope, self._part))
            if named is not None:
                return named
        client = scope.get("client")
        return _looked_up(self._database, client[0]) if client and self._database is not None else None

    def _is_proxy(self, scope: Mapping[str, Any]) -> bool:
        address = _address((scope.get(PEER) or scope.get("client") or ("",))[0])
        return address is not None and any(address in network for network in self._proxies)

    @staticmethod
    def _header(scope: Mapping[str, Any], wanted: bytes) -> str:
        values = [value for name, value in scope["headers"] if name == wanted]
        return values[0].decode("latin-1").strip().upper() if len(values) == 1 else ""


class PeerKept:
    """Keeps which address of the network sent a request, before others are believed about whom they sent it for."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application that follows."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] == "http":
            scope[PEER] = scope["client"]
        await self._app(scope, receive, send)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _looked_up(database: PlaceDatabase, address: str) -> str | None:
    try:
        found = database.get(address)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    parts = found.get("subdivisions")
    return _place(_code(found.get("country")), _code(parts[0] if isinstance(parts, list) and parts else None))


def _place(country: str, part: str) -> str | None:
    if not _COUNTRY.fullmatch(country) or country in _NOWHERE:
        return None
    part = part.removeprefix(f"{country}-")
    return f"{country}-{part}" if _PART.fullmatch(part) else country


def _code(found: object) -> str:
    code = found.get("iso_code") if isinstance(found, dict) else None
    return code.upper() if isinstance(code, str) else ""
