"""Files that few pages load, named by their content, as the mount serves them: asked of the service once, then kept."""

import gzip
import hashlib
import re
import threading
from dataclasses import dataclass

from .exchange import Call, Incoming, Steps, problem
from .sending import sent

__all__ = ["Files"]

_MOST = 1024 * 1024
_KEPT = 64
_JAVASCRIPT = "text/javascript; charset=utf-8"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    cache: str
    etag: str
    plain: bytes
    packed: bytes


class Files:
    """Owned by one mount and shared by its threads. What the service calls immutable is kept, at most 64 files."""

    def __init__(self, site: str) -> None:
        policy = rf"c/{re.escape(site)}/[0-9a-f]{{64}}/[0-9a-f]{{64}}/[A-Za-z0-9-]{{2,35}}\.json"
        self._known = re.compile(rf"(?P<code>f/[a-z]{{1,32}}-[0-9a-f]{{12}}\.js)|{policy}")
        self._kept: dict[str, _File] = {}
        self._lock = threading.Lock()

    def knows(self, path: str) -> bool:
        """Say whether there can be such a file for this site."""
        return self._known.fullmatch(path) is not None

    def answer(self, request: Incoming, path: str) -> Steps:
        """Return a file that is known by its path: from memory, or from the service."""
        file = self._kept.get(path)
        if file is None:
            reply = yield Call("GET", f"/{path}", {"accept-encoding": "identity"}, limit=_MOST)
            if reply.status == 404:
                return problem(404, "not-found", "Not found", "The service has no such file.")
            if reply.status != 200:
                said = "The service can not be reached."
                return problem(503, "unavailable", "Unavailable", said, ("Retry-After", "10"))
            cache = reply.headers.get("cache-control", "no-store")
            media_type = _JAVASCRIPT if path.startswith("f/") else _JSON
            etag = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
            file = _File(media_type, cache, etag, reply.body, gzip.compress(reply.body, mtime=0))
            with self._lock:
                # A name of another release is answered with what this one has, and not for ever.
                if "immutable" in cache and len(self._kept) < _KEPT:
                    self._kept[path] = file
        return sent(request, file.media_type, file.cache, file.etag, file.plain, file.packed)
