"""The site script as the mount serves it: the service's own bytes, told that answers go to the mount."""

import gzip
import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .exchange import Call, Incoming, Steps, problem
from .sending import sent

__all__ = ["Scripts"]

_MOST = 4 * 1024 * 1024
_FRESH = 300.0
_LONGEST = 86_400.0
_RETRY = 10.0
_LANGUAGES = 64
# The version that leaves nothing out to be fetched later.
_WHOLE = 2
_BEGINS = re.compile(r"\((?=[\[{])")
# What could end the script element, or a line, where somebody inlines it (as the service writes it).
_ESCAPES = str.maketrans({"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_CACHE = "public, max-age=300, stale-while-revalidate=86400"


@dataclass(slots=True)
class _Script:
    """One language's script, ready to be sent; `fetched` and `tried` by the monotonic clock."""

    upstream_etag: str | None
    etag: str
    plain: bytes
    packed: bytes
    fetched: float
    tried: float


class Scripts:
    """Owned by one mount and shared by its threads; each entry is replaced as a whole."""

    def __init__(self, site: str, path: str) -> None:
        self._site = site
        self._path = path
        self._kept: dict[str | None, _Script] = {}
        self._lock = threading.Lock()

    def answer(self, request: Incoming, language: str | None) -> Steps:
        """Return the script in a language, or in the policy's first: from memory, or from the service where it is new
        or older than five minutes. While the service is away the last one is served, for at most a day."""
        script = self._kept.get(language)
        if script is None or self._is_due(script):
            address = self._site if language is None else f"{self._site}/{language}"
            known = {} if script is None or script.upstream_etag is None else {"if-none-match": script.upstream_etag}
            reply = yield Call("GET", f"/s/{address}.js", {"accept-encoding": "identity", **known}, limit=_MOST)
            if reply.status in (200, 304):
                script = self._taken(language, script, reply.status, reply.headers, reply.body)
            elif reply.status == 404:
                self._kept.pop(language, None)
                return problem(404, "not-found", "Not found", "The service has no such script.")
        if script is None or time.monotonic() - script.fetched > _LONGEST:
            return problem(503, "unavailable", "Unavailable", "The service can not be reached.", ("Retry-After", "10"))
        return sent(request, "text/javascript; charset=utf-8", _CACHE, script.etag, script.plain, script.packed)

    def _is_due(self, script: _Script) -> bool:
        """Say whether this request is the one that asks the service again."""
        now = time.monotonic()
        with self._lock:
            if now - script.fetched < _FRESH or now - script.tried < _RETRY:
                return False
            script.tried = now
            return True

    def _taken(
        self, language: str | None, before: _Script | None, status: int, headers: Mapping[str, str], body: bytes
    ) -> _Script:
        now = time.monotonic()
        if status == 304 and before is not None:
            before.fetched = now
            return before
        plain = told_its_mount(body.decode("utf-8", "replace"), self._site, self._path).encode()
        etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
        script = _Script(headers.get("etag"), etag, plain, gzip.compress(plain, mtime=0), now, now)
        with self._lock:
            if language in self._kept or len(self._kept) < _LANGUAGES:
                self._kept[language] = script
        return script


def told_its_mount(script: str, site: str, path: str) -> str:
    """Return the script whose configuration says that answers go to `path`; a script whose configuration is not found
    is returned as it is, and then answers go to the service itself."""
    decoder = json.JSONDecoder()
    for begins in _BEGINS.finditer(script):
        try:
            config, end = decoder.raw_decode(script, begins.end())
        except ValueError:
            continue
        if isinstance(config, dict) and config.get("site") == site:
            config["mount"] = path
        elif isinstance(config, list) and len(config) > 1 and config[1] == site:
            if not isinstance(config[-1], dict):
                config.append({})
            config[-1]["mount"] = path
            if config[0] != _WHOLE:
                config[-1]["files"] = path
        else:
            continue
        told = json.dumps(config, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
        return script[: begins.end()] + told + script[end:]
    return script
