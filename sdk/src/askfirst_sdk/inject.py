"""Analytics HTML put into pages before `</head>`, for those visitors alone who allow it."""

import re
from collections.abc import Iterable, Mapping
from html import escape

from .errors import ConfigurationError
from .head_end import MOST, HeadEnd
from .lazy import Header, LazyConsent
from .receipt import is_purpose

__all__ = ["Injection", "Snippets"]

_NONCE = re.compile(rb"'nonce-([A-Za-z0-9+/_=-]+)'")
_DIRECTIVES = (b"script-src-elem", b"script-src", b"default-src")
_HTML = (b"text/html", b"application/xhtml+xml")
# What these say is about other bytes, or would bring an old page back after the visitor has decided otherwise.
_UNTRUE = frozenset(
    {b"etag", b"last-modified", b"accept-ranges", b"content-md5", b"digest", b"content-digest", b"repr-digest"}
)
_WITHOUT_PAGE = frozenset({204, 205, 206, 304})
_PLACEHOLDER = ' nonce="{nonce}"'


class Snippets:
    """What goes into the head for each purpose: HTML by purpose id, written by the developer.

    ` nonce="{nonce}"` in it becomes the nonce of the response's own Content-Security-Policy, or nothing where that has
    none. With `by_law` the HTML of a purpose that is `permitted` goes in too. Raises ConfigurationError for a bad
    purpose id, or for HTML with `</head` in it.
    """

    def __init__(self, html: Mapping[str, str], *, by_law: bool = False) -> None:
        for purpose, text in html.items():
            if not is_purpose(purpose):
                raise ConfigurationError(f"{purpose!r} is no purpose id")
            if "</head" in text.lower():
                raise ConfigurationError(f"the HTML for {purpose} can not hold </head")
        self._html = dict(html)
        self._by_law = by_law

    def for_visitor(self, consent: LazyConsent) -> str:
        """Return what this visitor allows, the nonce's place still empty."""
        holds = consent.permitted if self._by_law else consent.allows
        return "".join(text for purpose, text in self._html.items() if holds(purpose))


class Injection:
    """One response on its way out. `headers` are those to send as soon as `ready`; each piece of the body goes through
    `feed`, and `end` gives what is left.

    A page whose length was announced waits until its head has ended, at most a mebibyte of it, so that the length is
    right; a streamed one waits for nothing.
    """

    def __init__(
        self, method: str, status: int, headers: Iterable[Header], snippets: Snippets, consent: LazyConsent
    ) -> None:
        self.headers: list[Header] = list(headers)
        self.ready: bool = True
        self._insertion = b""
        self._head: HeadEnd | None = None
        self._waiting = bytearray()
        charset = _page_charset(status, self.headers)
        if charset is None:
            return
        self._insertion = _with_nonce(snippets.for_visitor(consent), self.headers).encode(charset, "xmlcharrefreplace")
        self.headers = [header for header in self.headers if header[0].lower() not in _UNTRUE]
        if not self._insertion:
            return
        if method == "HEAD":
            self.headers = [header for header in self.headers if header[0].lower() != b"content-length"]
            return
        self._head = HeadEnd()
        self.ready = not any(name.lower() == b"content-length" for name, _ in self.headers)

    def feed(self, piece: bytes) -> bytes:
        """Return what may go out now that this piece has come; nothing as long as this is not `ready`."""
        head = self._head
        if head is None:
            return piece
        before, after = head.feed(piece)
        if head.found:
            self._head = None
            out = before + self._insertion + after
            if not self.ready:
                self._lengthen()
        else:
            out = before
        if self.ready:
            return out
        self._waiting += out
        if head.over or len(self._waiting) > MOST:
            return self._release()
        return b""

    def end(self) -> bytes:
        """Return what was kept back, after the last piece."""
        rest = b"" if self._head is None else self._head.end()
        if self.ready:
            return rest
        self._waiting += rest
        return self._release()

    def _release(self) -> bytes:
        self.ready = True
        out, self._waiting = bytes(self._waiting), bytearray()
        return out

    def _lengthen(self) -> None:
        added = len(self._insertion)
        self.headers = [
            (name, str(int(value) + added).encode()) if name.lower() == b"content-length" else (name, value)
            for name, value in self.headers
        ]


def _page_charset(status: int, headers: list[Header]) -> str | None:
    """Return the character set of a response that is a whole page to be shown and can be read as it is, else None."""
    if status < 200 or status in _WITHOUT_PAGE:
        return None
    said: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        said.setdefault(name.lower(), []).append(value)
    kind, _, parameters = b"".join(said.get(b"content-type", [])).partition(b";")
    lengths = said.get(b"content-length", [])
    if (
        kind.strip().lower() not in _HTML
        or any(one.strip().lower() != b"identity" for one in said.get(b"content-encoding", []))
        or any(b"attachment" in one.lower() for one in said.get(b"content-disposition", []))
        or len(lengths) > 1
        or not all(one.isdigit() for one in lengths)
    ):
        return None
    named = re.search(rb"charset\s*=\s*\"?([A-Za-z0-9_.:-]+)", parameters, re.IGNORECASE)
    charset = named[1].decode() if named else "utf-8"
    try:
        return charset if "<".encode(charset) == b"<" else None
    except LookupError:
        return None


def _with_nonce(html: str, headers: list[Header]) -> str:
    if "{nonce}" not in html:
        return html
    nonce = _nonce([value for name, value in headers if name.lower() == b"content-security-policy"])
    if nonce is None:
        html = html.replace(_PLACEHOLDER, "")
    return html.replace("{nonce}", escape(nonce or ""))


def _nonce(policies: list[bytes]) -> str | None:
    for wanted in _DIRECTIVES:
        for policy in policies:
            for directive in policy.split(b";"):
                name, _, sources = directive.strip().partition(b" ")
                found = _NONCE.search(sources) if name.lower() == wanted else None
                if found:
                    return found[1].decode()
    return None
