"""A ready body that everybody gets: compressed where the browser takes it, and not sent again where it has it."""

import re

from .exchange import Incoming, Outgoing

__all__ = ["sent"]

_PACKED = re.compile(r"(^|[\s,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


def sent(request: Incoming, media_type: str, cache: str, etag: str, plain: bytes, packed: bytes) -> Outgoing:
    """Return the answer with this body, of which `packed` is the gzip form."""
    headers = [
        ("Content-Type", media_type),
        ("Cache-Control", cache),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    takes = bool(_PACKED.search(request.headers.get("accept-encoding", "")))
    own = etag[:-1] + '-gzip"' if takes else etag
    headers.append(("ETag", own))
    if own in request.headers.get("if-none-match", ""):
        return Outgoing(304, headers)
    if takes:
        headers.append(("Content-Encoding", "gzip"))
    return Outgoing(200, headers, packed if takes else plain)
