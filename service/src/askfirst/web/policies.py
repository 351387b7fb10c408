"""Published policies for everybody: ready bytes with a strong entity tag, as scripts are."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from askfirst.core.errors import MethodNotAllowed, NotFound, UnknownSite
from askfirst.usecases.directory import Directory, LivePolicy, LiveSite
from askfirst.web.scripts import JSON, NAMED_BY_DIGEST, Receive, Scope, Script, Send, script, send_problem, send_script

_PLACE: Final = re.compile(r"/p/(?P<key>[^/]+?)(/(?P<digest>[^/]+))?\.json")
_SHORT: Final = b"public, max-age=60"
_KEPT: Final = 512


class PolicyEndpoint:
    """GET and HEAD of `/p/KEY.json`, which names the current policy, and of `/p/KEY/DIGEST.json`, a policy for ever."""

    def __init__(self, directory: Callable[[], Directory]) -> None:
        """Take a way to the present directory."""
        self._directory = directory

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> int:
        """Answer one request and return the answer's status."""
        if scope["method"] not in ("GET", "HEAD"):
            return await send_problem(send, MethodNotAllowed(["GET", "HEAD"]))
        try:
            ready = self._find(scope["path"])
        except (NotFound, UnknownSite) as problem:
            return await send_problem(send, problem)
        return await send_script(scope, send, ready)

    def _find(self, path: str) -> Script:
        """Return what stands at a path. Raises NotFound or UnknownSite."""
        named = _PLACE.fullmatch(path)
        if named is None:
            raise NotFound
        site = self._directory().site(named["key"])
        if named["digest"] is None:
            current = _current(site)
            return _pointer(current.digest, current.policy.number, current.policy.revision)
        found = site.policies.get(named["digest"])
        if found is None:
            raise NotFound("This site never published a policy with this digest.")
        return _whole(found.published.canonical)


def _current(site: LiveSite) -> LivePolicy:
    if site.current is None:
        raise NotFound("This site has not published a policy yet.")
    return site.current


@lru_cache(_KEPT)
def _pointer(digest: str, number: int, revision: int) -> Script:
    """Return where the current policy is."""
    named = {"policy": digest, "number": number, "revision": revision}
    return script(json.dumps(named, separators=(",", ":")).encode(), cache=_SHORT, media_type=JSON)


@lru_cache(_KEPT)
def _whole(canonical: bytes) -> Script:
    return script(canonical, cache=NAMED_BY_DIGEST, media_type=JSON)
