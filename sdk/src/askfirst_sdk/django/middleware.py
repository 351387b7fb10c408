"""The middleware: `request.consent`, kept out of shared caches, and HTML put into pages where the settings have
some."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..inject import Injection
from ..lazy import LazyConsent
from ..wsgi import is_plain_loopback
from .site import accounts, askfirst, injected, mount_path, mounted, region

__all__ = ["AskfirstMiddleware"]

GetResponse = Callable[[HttpRequest], Any]


class AskfirstMiddleware:
    """For MIDDLEWARE, as high as can be, but below what compresses. Works under WSGI and ASGI."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> "HttpResponseBase | Awaitable[HttpResponseBase]":
        """Answer one request."""
        if self._is_async:
            return self._answer_async(request)
        return _relayed(request) or self._finished(request, self._get_response(_prepared(request)))

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        relayed = await asyncio.to_thread(_relayed, request) if _is_mounted(request) else None
        if relayed is not None:
            return relayed
        return self._finished(request, await self._get_response(_prepared(request)))

    def _finished(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        consent: LazyConsent = request.consent
        snippets = injected()
        headers = _headers(response)
        if response.streaming and snippets is not None:
            # Its headers go before its body, whose length is not known any more.
            headers = [header for header in headers if header[0].lower() != b"content-length"]
        if snippets is not None:
            work = Injection(request.method or "GET", response.status_code, headers, snippets, consent)
            _through(response, work)
            headers = work.headers
        _replace_headers(response, consent.headers_to_send(headers))
        return response


def _prepared(request: HttpRequest) -> HttpRequest:
    request.consent = LazyConsent(lambda: _read(request))
    return request


def _read(request: HttpRequest) -> Any:
    locate = region()
    signal = request.META.get("HTTP_SEC_GPC")
    loopback = is_plain_loopback({**request.META, "wsgi.url_scheme": request.scheme})
    cookies, tied = _cookies(request), accounts()
    if tied is not None:
        cookies = tied.counting(cookies, request, loopback=loopback)
    return askfirst().read(
        cookies,
        headers=None if signal is None else {"Sec-GPC": signal},
        loopback=loopback,
        region=None if locate is None else locate(request),
    )


def _cookies(request: HttpRequest) -> str | bytes | None:
    # HTTP/2 may split the header (RFC 9113, 8.2.3), and Django's ASGI request joins the parts with commas.
    scope = getattr(request, "scope", None)
    if scope is None:
        header: str | None = request.META.get("HTTP_COOKIE")
        return header
    return b"; ".join(value for name, value in scope["headers"] if name == b"cookie" and value)


def _cookie_header(request: HttpRequest) -> dict[str, str]:
    cookies = _cookies(request)
    if not cookies:
        return {}
    return {"cookie": cookies.decode("latin-1") if isinstance(cookies, bytes) else cookies}


def _is_mounted(request: HttpRequest) -> bool:
    path = mount_path()
    return path is not None and request.path_info.startswith(f"{path}/")


def _relayed(request: HttpRequest) -> HttpResponseBase | None:
    """Answer what is below the mount, before anything else of the project sees it."""
    mount = mounted()
    if mount is None or not _is_mounted(request):
        return None
    from django.http import HttpResponse  # noqa: PLC0415

    from ..mount.core import MAX_BODY  # noqa: PLC0415
    from ..mount.exchange import Incoming  # noqa: PLC0415

    answer = mount.answer(
        Incoming(
            method=request.method or "GET",
            path=request.path_info[len(mount_path() or "") :],
            headers={**{name.lower(): value for name, value in request.headers.items()}, **_cookie_header(request)},
            body=request.read(MAX_BODY + 1),
            query=request.META.get("QUERY_STRING", ""),
            scheme=request.scheme or "http",
            address=request.META.get("REMOTE_ADDR"),
            request=request,
        )
    )
    response = HttpResponse(b"" if request.method == "HEAD" else answer.body, status=answer.status)
    del response.headers["Content-Type"]
    for name, value in answer.headers:
        if name == "Set-Cookie":
            # There may be several, and Django's headers hold one of each name.
            dict.__setitem__(response.cookies, str(len(response.cookies)), _AsItIs(value))
        else:
            response.headers[name] = value
    return response


class _AsItIs:
    """A Set-Cookie value that is written as the mount made it: what Django asks of a morsel, and nothing else."""

    def __init__(self, text: str) -> None:
        self._text = text

    def OutputString(self, attrs: object = None) -> str:  # noqa: ARG002, N802 - the name that http.cookies has
        """Return the value of the header (WSGI)."""
        return self._text

    def output(self, attrs: object = None, header: str = "Set-Cookie:") -> str:  # noqa: ARG002
        """Return the header (ASGI)."""
        return f"{header} {self._text}".strip()


def _through(response: Any, work: Injection) -> None:
    if not response.streaming:
        before = response.content
        after = work.feed(before) + work.end()
        if after != before:
            response.content = after
        return
    content = response.streaming_content
    response.streaming_content = _pieces_async(content, work) if response.is_async else _pieces(content, work)


def _pieces(content: Iterator[bytes], work: Injection) -> Iterator[bytes]:
    for piece in content:
        out = work.feed(piece)
        if out:
            yield out
    rest = work.end()
    if rest:
        yield rest


async def _pieces_async(content: AsyncIterator[bytes], work: Injection) -> AsyncIterator[bytes]:
    async for piece in content:
        out = work.feed(piece)
        if out:
            yield out
    rest = work.end()
    if rest:
        yield rest


def _headers(response: Any) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]


def _replace_headers(response: Any, headers: list[tuple[bytes, bytes]]) -> None:
    kept = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    for name in list(response.headers):
        if name.lower() not in {one.lower() for one in kept}:
            del response.headers[name]
    for name, value in kept.items():
        if response.headers.get(name) != value:
            response.headers[name] = value
