"""Global Privacy Control as a server sees it: one request header with one value."""

from collections.abc import Iterable, Mapping

# A mapping of names to values, or pairs of them as ASGI hands them over; names in any case.
Headers = Mapping[str, str] | Iterable[tuple[bytes, bytes]] | Iterable[tuple[str, str]]

_NAME = "sec-gpc"
_ON = ("1", b"1")


def signal_is_on(headers: Headers | None) -> bool:
    """Say whether the request carries `Sec-GPC: 1`; only the exact value counts (W3C GPC). Headers that can not be read
    count as a signal, since a signal is a refusal."""
    if headers is None:
        return False
    try:
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            if len(name) == len(_NAME) and value in _ON and _lower(name) == _NAME:
                return True
    except (TypeError, ValueError):
        return True
    return False


def _lower(name: str | bytes) -> str:
    return (name.decode("latin-1") if isinstance(name, bytes) else str(name)).lower()
