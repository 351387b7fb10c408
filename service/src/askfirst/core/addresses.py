"""Web addresses that a policy may name: nothing that a browser would run or a listener could change."""

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DOMAIN: Final = re.compile(rf"({_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")


def checked_address(text: str) -> str:
    """Return an absolute https address, or an http one on a loopback host; ValueError for anything else."""
    if not _PRINTABLE.fullmatch(text) or any(character in text for character in "\"'<>\\^`{|}"):
        raise ValueError("must be a web address in ASCII, without spaces")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("must be a web address") from error
    if host is None or not (_HOST.fullmatch(host) or _is_ip(host)):
        raise ValueError("must be an absolute web address with a host")
    if "@" in parts.netloc:
        raise ValueError("may not contain a user name")
    if not text.startswith("https://") and not (text.startswith("http://") and is_loopback(host)):
        raise ValueError("must begin with https:// (plain http on a loopback host only)")
    return text


def checked_domain(text: str) -> str:
    """Return a domain name of at least two labels, as a cookie's Domain may be; ValueError for anything else."""
    if len(text) > 253 or not _DOMAIN.fullmatch(text):
        raise ValueError("must be a domain name in lower case, such as example.com")
    return text


def is_loopback(host: str) -> bool:
    """Return whether a host is this very machine: localhost, *.localhost, 127.0.0.0/8 or ::1 (formats.md 4)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_ip(host) and ipaddress.ip_address(host).is_loopback


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


WebAddress = Annotated[str, StringConstraints(max_length=2048), AfterValidator(checked_address)]
Domain = Annotated[str, AfterValidator(checked_domain)]
