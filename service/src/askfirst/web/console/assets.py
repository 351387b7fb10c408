"""The console's style, scripts and chart library: ready bytes under addresses that name their content."""

import hashlib
from collections.abc import Iterator, Mapping
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
def _assets() -> Mapping[str, Script]:
    """Return the ready bytes of each file by its address.

    One digest over all files is in every address, since scripts name each other by relative ones.
    """
    found = dict(sorted(_read(files("askfirst") / "static" / "console", "")))
    digest = hashlib.sha256(b"".join(hashlib.sha256(body).digest() for body in found.values())).hexdigest()[:_SHOWN]
    return {
        f"{PREFIX}/{digest}/{name}": script(body, cache=NAMED_BY_DIGEST, media_type=_TYPES[_ending(name)])
        for name, body in found.items()
    }


def _read(folder: Traversable, below: str) -> Iterator[tuple[str, bytes]]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from _read(file, f"{below}{file.name}/")
        elif _ending(file.name) in _TYPES:
            yield f"{below}{file.name}", file.read_bytes()


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


@cache
def asset_address(name: str) -> str:
    """Return the address of a file of the console; raise KeyError where there is none."""
    return {address.removeprefix(f"{PREFIX}/").partition("/")[2]: address for address in _assets()}[name]


class AssetEndpoint:
    """GET and HEAD of `/console/assets/DIGEST/NAME`: a plain ASGI app."""

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        ready = _assets().get(scope["path"])
        if ready is None:
            await send_problem(send, NotFound())
            return
        await send_script(scope, send, ready)
