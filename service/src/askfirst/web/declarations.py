"""The list of services and cookies for privacy pages, and the script that shows it: both asked for by few pages."""

import json
from typing import Final

from starlette.concurrency import run_in_threadpool

from askfirst.core.declaration import declaration
from askfirst.core.errors import MethodNotAllowed, NotFound, Problem
from askfirst.texts import declaration_texts, nearest
from askfirst.usecases.directory import LivePolicy
from askfirst.web.live import Live
from askfirst.web.scripts import NAMED_BY_SITE, Receive, Scope, Script, Send, script, send_problem, send_script

# A few kilobytes each. Nobody can ask for more of them than there are policies and languages.
_KEPT: Final = 512


class DeclarationEndpoint:
    """GET and HEAD of `/declaration/KEY/LANGUAGE.json`: a plain ASGI app, as scripts have one."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live
        # Only touched by the event loop.
        self._kept: dict[tuple[str, str], Script] = {}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            current, language = self._found(scope)
        except Problem as problem:
            await send_problem(send, problem)
            return
        await send_script(scope, send, await self._ready(current, language))

    async def _ready(self, current: LivePolicy, language: str) -> Script:
        key = (current.digest, language)
        if key not in self._kept:
            ready = await run_in_threadpool(_compressed, current, language)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = ready
        return self._kept[key]

    def _found(self, scope: Scope) -> tuple[LivePolicy, str]:
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        asked = scope["path_params"]
        current = self._live.directory.site(asked["site"]).current
        if current is None:
            raise NotFound("This site has not published a policy yet.")
        if asked["language"] not in current.policy.languages:
            raise NotFound("The site's policy has no such language.")
        return current, asked["language"]


def _compressed(current: LivePolicy, language: str) -> Script:
    told = declaration(current.policy, language, declaration_texts(nearest(language)))
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return script(text, cache=NAMED_BY_SITE, media_type="application/json")
