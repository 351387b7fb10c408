"""Finds the end of a page's head while the page streams by: `</head>` as a parser sees it, and no look-alike."""

import re

__all__ = ["HeadEnd"]

# Heads are short. A page that has not ended its head by then is passed on as it is.
MOST = 1_048_576

_NAME = re.compile(rb"</?([A-Za-z][^\t\n\f\r />]*)")
# What is in these is text, whatever it looks like.
_RAW = frozenset({b"script", b"style", b"title", b"textarea", b"noscript", b"noframes", b"iframe", b"xmp", b"noembed"})
_HEAD_IS_OVER = frozenset({b"body", b"frameset", b"plaintext"})
_LONGEST_NAME = 16
_SPACE = b"\t\n\f\r "
_TAG_MARK = re.compile(rb"[>\"']")


class HeadEnd:
    """Fed the pieces of a page in order, says where the first `</head>` is that ends the head (HTML, 13.2.5).

    It follows comments, quoted attributes, scripts with their two escaped states, other raw text and templates, however
    the pieces are cut; it holds back at most a few bytes of a piece.
    """

    def __init__(self) -> None:
        self.found: bool = False
        self.over: bool = False
        self._held = b""
        self._state = self._data
        self._raw = b""
        self._quote = b""
        self._after_equals = False
        self._escaped = 0
        self._templates = 0
        self._seen = 0

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """Return what may go out before the insertion, and, once `found`, what comes after it (empty before)."""
        if self.over:
            return piece, b""
        buffer, self._held = self._held + piece, b""
        self._seen += len(piece)
        at = 0
        while at < len(buffer) and not self.over:
            at = self._state(buffer, at)
            if at < 0:  # more is needed to tell what begins there
                at = ~at
                break
        if self.found:
            return buffer[:at], buffer[at:]
        if self.over or self._seen > MOST:
            self.over = True
            return buffer, b""
        self._held = buffer[at:]
        return buffer[:at], b""

    def end(self) -> bytes:
        """Return what was held back, when no more comes."""
        held, self._held = self._held, b""
        return held

    # Each state takes the buffer and a place in it, and returns where to go on: inverted where it needs more.

    def _data(self, buffer: bytes, at: int) -> int:  # noqa: PLR0911  # one line a kind of markup
        at = buffer.find(b"<", at)
        if at < 0:
            return len(buffer)
        rest = buffer[at : at + 4]
        if rest == b"<!--":
            self._state = self._comment
            return at + 2
        if b"<!--".startswith(rest) or rest == b"</":
            return ~at
        if rest[1:2] in b"!?" or (rest[1:2] == b"/" and not rest[2:3].isalpha()):
            self._state = self._bogus
            return at + 2
        name = _NAME.match(buffer, at)
        if name is None:
            return at + 1
        if name.end() == len(buffer) and len(name[1]) <= _LONGEST_NAME:
            return ~at
        return self._tag_begins(name[1].lower(), closing=rest[1:2] == b"/", at=at, end=name.end())

    def _tag_begins(self, name: bytes, *, closing: bool, at: int, end: int) -> int:
        if name == b"template":
            self._templates = max(0, self._templates + (-1 if closing else 1))
        elif self._templates == 0 and name == b"head" and closing:
            self.found = self.over = True
            return at
        elif self._templates == 0 and (name in _HEAD_IS_OVER or (closing and name == b"html")):
            self.over = True
            return at
        self._raw = name if name in _RAW and not closing else b""
        self._state, self._quote, self._after_equals = self._tag, b"", False
        return end

    def _tag(self, buffer: bytes, at: int) -> int:
        while True:
            if self._quote:
                end = buffer.find(self._quote, at)
                if end < 0:
                    return len(buffer)
                self._quote, self._after_equals, at = b"", False, end + 1
            mark = _TAG_MARK.search(buffer, at)
            before = buffer[at : mark.start() if mark else len(buffer)].rstrip(_SPACE)
            if before:
                self._after_equals = before.endswith(b"=")
            if mark is None:
                return len(buffer)
            at = mark.end()
            if mark[0] == b">":
                self._state = self._raw_text if self._raw else self._data
                self._escaped = 0
                return at
            if self._after_equals:
                self._quote = mark[0]

    def _comment(self, buffer: bytes, at: int) -> int:
        ends = [end for end in (buffer.find(b"-->", at), buffer.find(b"--!>", at)) if end >= 0]
        if not ends:
            return ~max(at, len(buffer) - 3)
        self._state = self._data
        return buffer.index(b">", min(ends)) + 1

    def _bogus(self, buffer: bytes, at: int) -> int:
        end = buffer.find(b">", at)
        if end < 0:
            return len(buffer)
        self._state = self._data
        return end + 1

    def _raw_text(self, buffer: bytes, at: int) -> int:
        """Raw text ends with its own end tag; in a script, `<!--` and then `<script` hide one (HTML, 13.2.5.17)."""
        found = _RAW_MARKS[self._raw].search(buffer, at)
        if found is None:
            return ~max(at, len(buffer) - len(self._raw) - 3)
        mark = found[0].lower()
        if mark == b"<!--":
            self._escaped = max(self._escaped, 1)
            return found.start() + 2  # its dashes may be those of `-->` too
        if mark == b"-->":
            self._escaped = 0
        elif mark.startswith(b"</"):
            if self._escaped < _TWICE:
                self._raw, self._state, self._quote, self._after_equals = b"", self._tag, b"", False
                return found.end() - 1
            self._escaped = 1
        elif self._escaped:
            self._escaped = _TWICE
        return found.end()


_TWICE = 2
_RAW_MARKS = {
    name: re.compile(
        rb"</" + name + rb"[\t\n\f\r />]" + (rb"|<!--|-->|<script[\t\n\f\r />]" if name == b"script" else b""), re.I
    )
    for name in _RAW
}
