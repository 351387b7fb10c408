"""One bounded GET of the descriptor. Only the background refresh calls it, never a request."""

import http.client
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .cookie import is_loopback
from .errors import ConfigurationError
from .policy_document import MAX_POLICY_LENGTH, PolicyDocument
from .token import MAX_DESCRIPTOR_LENGTH

_VISIBLE = re.compile(r"[!-~]+")
_TIMEOUT = 5.0
_NOT_MODIFIED = 304


class FetchError(OSError):
    """The service did not answer with a descriptor; the message says how."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `token` is None where the one named by the ETag still holds."""

    token: str | None
    etag: str | None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address that was configured is the one that is believed."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def descriptor_url(service_url: str, site: str, *, pinned: bool) -> str:
    """Return where the service serves this site's descriptor; raise ConfigurationError for an address that can not be
    believed: without pinned keys, the connection is all that vouches for the keys, so it has to be https or loopback.
    """
    parts = checked_service_url(service_url)
    if parts.scheme == "http" and not pinned and not is_loopback(parts.netloc):
        raise ConfigurationError("over plain http anybody on the way could hand out keys: use https, or pin keys=[...]")
    return f"{service_url.rstrip('/')}/descriptor/{site}"


def checked_service_url(service_url: str) -> SplitResult:
    """Return the parts of the service's address; raise ConfigurationError unless it is http or https, with a host and
    with nothing behind the path."""
    try:
        parts = urlsplit(service_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment or not _VISIBLE.fullmatch(service_url):
        raise ConfigurationError(f"service_url is an http or https address without query, not {service_url!r}")
    return parts


def read_descriptor_file(path: str) -> str:
    """Return the descriptor token in a file. Raise OSError where it can not be read; no more than a token is read."""
    with open(path, encoding="latin-1") as file:
        return file.read(MAX_DESCRIPTOR_LENGTH + 3).strip("\r\n")


def fetch_policy(service_url: str, site: str, digest: str) -> PolicyDocument:
    """Return the published policy with this digest. Raise FetchError if there is none, DescriptorFormatError for any
    other bytes."""
    url = f"{service_url.rstrip('/')}/p/{site}/{digest}.json"
    return PolicyDocument(_get(url, None, MAX_POLICY_LENGTH, "application/json")[0], digest)


def fetch_descriptor(url: str, etag: str | None) -> Fetched:
    """Return the descriptor token at `url`, or that the one of `etag` still holds. Raise FetchError if there is none.
    At most a token's length is read; redirects are not followed."""
    try:
        body, fresh_etag = _get(url, etag, MAX_DESCRIPTOR_LENGTH + 2, "text/plain")
    except _NotModified:
        return Fetched(None, etag)
    return Fetched(body.decode("latin-1").rstrip("\r\n"), fresh_etag)


class _NotModified(Exception):  # noqa: N818 - no error: what is held still holds
    pass


def _get(url: str, etag: str | None, most: int, kind: str) -> tuple[bytes, str | None]:
    request = urllib.request.Request(url, headers={"Accept": kind})  # noqa: S310  # scheme checked above
    if etag is not None:
        request.add_header("If-None-Match", etag)
    try:
        with _opener.open(request, timeout=_TIMEOUT) as response:
            body: bytes = response.read(most + 1)
            fresh_etag: str | None = response.headers.get("ETag")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _NOT_MODIFIED and etag is not None:
            raise _NotModified from None
        raise FetchError(f"{url} answered {error.code}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise FetchError(f"{url} can not be reached: {error}") from error
    return body, fresh_etag
