"""Consent in any WSGI application (PEP 3333): read when asked for, and kept out of shared caches when it was."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any

from .accounts import Accounts
from .client import Askfirst
from .consent import Consent
from .cookie import is_loopback
from .errors import ConfigurationError
from .inject import Injection, Snippets
from .lazy import Header, LazyConsent

__all__ = ["ENVIRON_KEY", "ConsentMiddleware", "InjectionMiddleware", "LazyConsent", "consent_of"]

ENVIRON_KEY = "askfirst.consent"

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Says where the visitor of a request is, `US-CA`, from a source that the site trusts.
Locate = Callable[[Environ], str | None]

_BY_A_PROXY = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")


class ConsentMiddleware:
    """Puts a `LazyConsent` at `environ["askfirst.consent"]`. A response to a request whose consent was read before the
    first byte of its body gets `Cache-Control: private, no-cache`, unless it says `no-store` or both of these already.
    """

    def __init__(
        self, app: Application, askfirst: Askfirst, region: Locate | None = None, accounts: Accounts | None = None
    ) -> None:
        """Read consent for `app` with `askfirst`. `region` says where the visitor is, for `permitted`;
        with `accounts` a session that is over leaves no account's choice behind."""
        self.app = app
        self.askfirst = askfirst
        self.region = region
        self.accounts = accounts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        consent = LazyConsent(lambda: self._read(environ))
        environ[ENVIRON_KEY] = consent
        return _Outgoing(self.app, environ, start_response, lambda _status, headers: _Marking(consent, headers))

    def _read(self, environ: Environ) -> Consent:
        return read_environ(self.askfirst, environ, self.region, self.accounts)


class InjectionMiddleware:
    """Puts HTML into the pages of `app` before `</head>`, for those who allow its purpose. Goes inside of
    `ConsentMiddleware`."""

    def __init__(self, app: Application, snippets: Snippets) -> None:
        self.app = app
        self.snippets = snippets

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        consent = consent_of(environ)
        method = environ.get("REQUEST_METHOD", "GET")

        def begin(status: str, headers: list[Header]) -> Injection:
            return Injection(method, int(status[:3]), headers, self.snippets, consent)

        return _Outgoing(self.app, environ, start_response, begin)


def consent_of(environ: Environ) -> LazyConsent:
    """Return the consent of the visitor who sent this request, unread; raise ConfigurationError if the middleware is
    not installed."""
    consent = environ.get(ENVIRON_KEY)
    if not isinstance(consent, LazyConsent):
        raise ConfigurationError("ConsentMiddleware is not installed around this application")
    return consent


def read_environ(
    askfirst: Askfirst, environ: Environ, region: Locate | None = None, accounts: Accounts | None = None
) -> Consent:
    """Return the consent that a request carries."""
    signal = environ.get("HTTP_SEC_GPC")
    loopback = is_plain_loopback(environ)
    cookies: str | bytes | None = environ.get("HTTP_COOKIE")
    if accounts is not None:
        cookies = accounts.counting(cookies, environ, loopback=loopback)
    return askfirst.read(
        cookies,
        headers=None if signal is None else {"Sec-GPC": signal},
        loopback=loopback,
        region=None if region is None else region(environ),
    )


def is_plain_loopback(environ: Environ) -> bool:
    """Say whether the browser itself asked over plain http for a loopback host."""
    proxied = any(name in environ for name in _BY_A_PROXY)
    return environ.get("wsgi.url_scheme") == "http" and not proxied and is_loopback(environ.get("HTTP_HOST"))


class _Marking:
    """What `ConsentMiddleware` does to a response: nothing to its body, and its headers are made at the last moment."""

    ready = True

    def __init__(self, consent: LazyConsent, headers: list[Header]) -> None:
        self._consent = consent
        self._headers = headers

    @property
    def headers(self) -> list[Header]:
        return self._consent.headers_to_send(self._headers)

    @staticmethod
    def feed(piece: bytes) -> bytes:
        return piece

    @staticmethod
    def end() -> bytes:
        return b""


class _Outgoing:
    """The response's body as the server iterates it. The server's own `start_response` is called when the first piece
    is there, since until then the application may still ask for consent."""

    def __init__(
        self,
        app: Application,
        environ: Environ,
        start_response: StartResponse,
        begin: Callable[[str, list[Header]], Injection | _Marking],
    ) -> None:
        self._server_start = start_response
        self._begin = begin
        self._status = ""
        self._work: Injection | _Marking | None = None
        self._headers: list[Header] | None = None
        self._write: Callable[[bytes], object] | None = None
        self._body = app(environ, self._start)
        self._pieces = self._through()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Close what the application gave."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self._write is not None:
            return self._server_start(status, headers, exc_info)  # raises what happened, as PEP 3333 has it
        self._status = status
        self._headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._work = None
        return self._written

    def _through(self) -> Iterator[bytes]:
        for piece in self._body:
            if piece:
                out = self._fed(piece)
                if out:
                    yield out
        work = self._working()
        rest = work.end()
        self._flush(work)
        if rest:
            yield rest

    def _fed(self, piece: bytes) -> bytes:
        work = self._working()
        out = work.feed(piece)
        if work.ready:
            self._flush(work)
        return out

    def _working(self) -> Injection | _Marking:
        if self._work is None:
            if self._headers is None:
                raise RuntimeError("the application sent a body before it called start_response")
            self._work = self._begin(self._status, self._headers)
        return self._work

    def _flush(self, work: Injection | _Marking) -> None:
        if self._write is None:
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in work.headers]
            self._write = self._server_start(self._status, headers)

    def _written(self, piece: bytes) -> None:
        """The `write` of PEP 3333, for applications that still use it."""
        out = self._fed(piece)
        if out and self._write is not None:
            self._write(out)
