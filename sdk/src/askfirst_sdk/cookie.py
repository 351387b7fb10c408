"""The receipt's cookie: its names, taking it out of a Cookie header, writing it (formats.md, 4)."""

import ipaddress
import re

from .errors import ConfigurationError
from .receipt import is_site_key

__all__ = ["MAX_COPIES", "cookie_name", "cookie_text", "cookie_values", "is_loopback", "set_cookie"]

# More different copies than any honest browser holds (formats.md, 4.1).
MAX_COPIES = 8

_HOST_PREFIX = "__Host-"
_SECURE_PREFIX = "__Secure-"
_SPACE = " \t"
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LOCALHOST = re.compile(r"([a-z0-9_-]+\.)*localhost")
_PORT = re.compile(r":[0-9]{0,5}\Z")


def cookie_name(site_key: str, *, shared: bool = False, loopback: bool = False) -> str:
    """Return the name to write under: `shared` where the policy shares the answer among sub-domains, `loopback` on
    plain http on a loopback host. Raise ConfigurationError if `site_key` is none."""
    if not is_site_key(site_key):
        raise ConfigurationError("a site key is 4 to 32 characters of a-z0-9")
    plain = f"askfirst-{site_key}"
    if loopback:
        return plain
    return (_SECURE_PREFIX if shared else _HOST_PREFIX) + plain


def is_loopback(host: str | None) -> bool:
    """Say whether `host`, as a Host header writes it, with or without a port, names this very machine: `localhost`,
    `*.localhost`, 127.0.0.0/8 or `[::1]`."""
    if not isinstance(host, str):
        return False
    name = _PORT.sub("", host).lower()
    if name == "[::1]" or _LOCALHOST.fullmatch(name):
        return True
    if not name.startswith("127."):
        return False
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def cookie_values(cookie_header: str | bytes | None, site_key: str, *, loopback: bool = False) -> list[str]:
    """Return the different values of this site's receipt cookies in the order sent, at most MAX_COPIES + 1 of them: one
    more says that there are too many.

    Split by hand: one search for the name, whatever else the header holds, where a general cookie parser spends four
    times the whole budget of a check. `loopback` says that the request came over plain http on a loopback host.
    """
    if isinstance(cookie_header, bytes):
        cookie_header = cookie_header.decode("latin-1")
    if not isinstance(cookie_header, str):
        return []
    needle = f"askfirst-{site_key}="
    values: list[str] = []
    checked = 0  # everything before it was looked at, so that a header full of near misses is still read only once
    found = cookie_header.find(needle)
    while found >= 0 and len(values) <= MAX_COPIES:
        value_start = found + len(needle)
        start = _start_of_name(cookie_header, found, loopback)
        if start < 0 or not _begins_cookie(cookie_header, checked, start):
            checked = found
            found = cookie_header.find(needle, value_start)
            continue
        end = cookie_header.find(";", value_start)
        if end < 0:
            end = len(cookie_header)
        value = _unquoted(cookie_header[value_start:end].strip(_SPACE))
        if not values or value not in values:
            values.append(value)
        checked = end
        found = cookie_header.find(needle, end)
    return values


def set_cookie(
    site_key: str,
    token: str,
    *,
    expires_at: int,
    now: int,
    shared: bool = False,
    domain: str | None = None,
    partitioned: bool = False,
    loopback: bool = False,
) -> str:
    """Return the Set-Cookie header value that keeps `token` until `expires_at` (seconds). `domain` is given exactly
    when the policy shares the answer. Raise ConfigurationError for values that would make another cookie of it."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ConfigurationError("the value of the cookie is a token")
    return cookie_text(
        cookie_name(site_key, shared=shared, loopback=loopback),
        token,
        max_age=int(expires_at) - int(now),
        shared=shared,
        domain=domain,
        partitioned=partitioned,
        loopback=loopback,
    )


def cookie_text(
    name: str,
    value: str,
    *,
    max_age: int,
    shared: bool = False,
    domain: str | None = None,
    partitioned: bool = False,
    loopback: bool = False,
    script_free: bool = False,
) -> str:
    """Return a Set-Cookie header value with the attributes that cookies of a site have; `max_age` in seconds, none left
    takes the cookie away. `script_free` keeps it from scripts. `name` and `value` are the caller's own."""
    parts = [f"{name}={value}", "Path=/"]
    if shared and not loopback:
        if domain is None or not _DOMAIN.fullmatch(domain):
            raise ConfigurationError("a shared answer needs the domain that its sub-domains have in common")
        parts.append(f"Domain={domain}")
    parts.append(f"Max-Age={max(0, max_age)}")
    if not loopback:
        parts.append("Secure")
    if partitioned and not loopback:
        # In a frame of another site a browser neither keeps nor sends a Lax cookie.
        parts += ["SameSite=None", "Partitioned"]
    else:
        parts.append("SameSite=Lax")
    if script_free:
        parts.append("HttpOnly")
    return "; ".join(parts)


def _start_of_name(header: str, found: int, loopback: bool) -> int:
    """Return where the cookie's name starts whose unprefixed part was found, or -1 if that name is not ours here."""
    if header.endswith(_HOST_PREFIX, 0, found):
        return found - len(_HOST_PREFIX)
    if header.endswith(_SECURE_PREFIX, 0, found):
        return found - len(_SECURE_PREFIX)
    return found if loopback else -1


def _begins_cookie(header: str, checked: int, start: int) -> bool:
    """Say whether a cookie may begin at `start`, looking no further back than `checked`."""
    if header.endswith("; ", checked, start):  # as every browser writes it
        return True
    before = header[checked:start].rstrip(_SPACE)
    return before.endswith(";") or (before == "" and checked == 0)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
