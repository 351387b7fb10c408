"""The console's style, scripts and chart library: ready bytes under addresses that name their content."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.types import Receive, Scope, Send

from askfirst.core.errors import NotFound
from askfirst.web.scripts import NAMED_BY_DIGEST, Script, script, send_problem, send_script

PREFIX: Final = "/console/assets"
_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_SHOWN: Final = 16  # characters of the digest in an address: enough to tell versions apart


@cache
def _assets() -> Mapping[str, tuple[str, Script]]:
    """Return each file's address and ready bytes, by its name below the folder."""
    found: dict[str, tuple[str, Script]] = {}

    def read(folder: Traversable, below: str) -> None:
        for file in folder.iterdir():
            name = f"{below}{file.name}"
            ending = file.name.rpartition(".")[2]
            if file.is_dir():
                read(file, f"{name}/")
            elif ending in _TYPES:
                body = file.read_bytes()
                digest = hashlib.sha256(body).hexdigest()[:_SHOWN]
                ready = script(body, cache=NAMED_BY_DIGEST, media_type=_TYPES[ending])
                found[name] = (f"{PREFIX}/{digest}/{name}", ready)

    read(files("askfirst") / "static" / "console", "")
    return found


def asset_address(name: str) -> str:
    """Return the address of a file of the console; raise KeyError where there is none."""
    return _assets()[name][0]


class AssetEndpoint:
    """GET and HEAD of `/console/assets/DIGEST/NAME`: a plain ASGI app."""

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].removeprefix(f"{PREFIX}/").partition("/")[2]
        address, ready = _assets().get(name, ("", None))
        if ready is None or address != scope["path"]:
            await send_problem(send, NotFound())
            return
        await send_script(scope, send, ready)
