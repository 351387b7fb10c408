"""What anybody may read of a log: tiles, entry bundles (C2SP tlog-tiles), and proofs made of them."""

import gzip
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.core.canonical import b64url_decode
from askfirst.core.checkpoint import parse_size
from askfirst.core.errors import InvalidQuery, MalformedTile, NotFound
from askfirst.core.tiles import ENTRIES, parse_tile_path
from askfirst.core.tree import HASH_BYTES
from askfirst.usecases.log_addresses import log_name, own_name
from askfirst.usecases.log_files import read_file
from askfirst.usecases.proofs import consistency, find_leaf, inclusion, last_signed
from askfirst.usecases.rows import Organisation
from askfirst.web.live import Live
from askfirst.web.scripts import NAMED_BY_DIGEST, accepts_gzip

# A tile of a certain width never changes, and so does a proof between two sizes: at the address of one log.
_IMMUTABLE: Final = {"Cache-Control": NAMED_BY_DIGEST.decode(), "Access-Control-Allow-Origin": "*"}
_FRESH: Final = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
_NUMBER: Final = "must be a whole number in decimal digits"


class LogFiles:
    """The handlers."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live

    async def tile(self, request: Request) -> Response:
        """GET /log/SLUG/tile/...: a tile's hashes, or the leaves of 256 entries."""
        organisation = self._organisation(request)
        log_id = organisation.log_id
        try:
            address = parse_tile_path(f"tile/{request.path_params['path']}")
        except MalformedTile as error:
            raise NotFound(str(error)) from None
        self._require_own(request, organisation)
        last = await run_in_threadpool(last_signed, self._live.ledger, log_id)
        data = await run_in_threadpool(read_file, self._live.ledger, log_id, address, last.size)
        headers = _IMMUTABLE
        # Leaves are text, half of which compresses away (tlog-tiles asks for it); hashes do not compress.
        if address.level == ENTRIES:
            headers = {**_IMMUTABLE, "Vary": "Accept-Encoding"}
            if accepts_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
                data = await run_in_threadpool(gzip.compress, data, mtime=0)
                headers["Content-Encoding"] = "gzip"
        return Response(data, media_type="application/octet-stream", headers=headers)

    async def inclusion(self, request: Request) -> Response:
        """GET /log/SLUG/proof/inclusion: an entry's audit path, by its index, or by a receipt's record and leaf."""
        organisation = self._organisation(request)
        given = _given(request, ("index", "size", "record", "leaf"))
        # Whether an entry was forgotten may change; its place never does.
        lasting = "size" in given and "index" in given
        if lasting:
            self._require_own(request, organisation)
        last = await run_in_threadpool(last_signed, self._live.ledger, organisation.log_id)
        size = _number(given, "size", 1, last.size, last.size)
        forgotten = None
        if "record" in given or "leaf" in given:
            if "index" in given:
                raise InvalidQuery([("index", "goes without record and leaf")])
            record, leaf = _named_leaf(given)
            live = self._live
            found = await run_in_threadpool(find_leaf, live.ledger, live.forgetting, organisation.log_id, record, leaf)
            index, forgotten = found.index, found.forgotten
            if index >= size:
                raise InvalidQuery([("size", f"must be above {index}, the entry's index")])
        else:
            if "index" not in given:
                raise InvalidQuery([("index", "is missing; or give record and leaf")])
            index = _number(given, "index", 0, size - 1, 0)
        path = await run_in_threadpool(inclusion, self._live.ledger, organisation.log_id, index, size)
        body = {"log": organisation.origin, "index": index, "size": size, "hashes": _texts(path)}
        body |= {"forgotten": forgotten} if "record" in given else {}
        return JSONResponse(body, headers=_IMMUTABLE if lasting else _FRESH)

    async def consistency(self, request: Request) -> Response:
        """GET /log/SLUG/proof/consistency: that the tree of `second` entries begins with that of `first`."""
        organisation = self._organisation(request)
        given = _given(request, ("first", "second"))
        if "second" in given:
            self._require_own(request, organisation)
        last = await run_in_threadpool(last_signed, self._live.ledger, organisation.log_id)
        second = _number(given, "second", 1, last.size, last.size)
        if "first" not in given:
            raise InvalidQuery([("first", "is missing")])
        first = _number(given, "first", 1, second, 1)
        path = await run_in_threadpool(consistency, self._live.ledger, organisation.log_id, first, second)
        body = {"log": organisation.origin, "first": first, "second": second, "hashes": _texts(path)}
        return JSONResponse(body, headers=_IMMUTABLE if "second" in given else _FRESH)

    def _organisation(self, request: Request) -> Organisation:
        found = self._live.directory.organisation_of_log(request.path_params["slug"])
        if found is None:
            raise NotFound
        return found

    def _require_own(self, request: Request, organisation: Organisation) -> None:
        """Raise NotFound where caches may hold, under this name, what an earlier log of the organisation had there."""
        own = own_name(organisation, self._live.directory.keys)
        if request.path_params["slug"] not in (own, log_name(organisation.origin)):
            raise NotFound(f"The log of this address is closed. What never changes of its successor is at /log/{own}/.")


def _given(request: Request, known: tuple[str, ...]) -> Mapping[str, str]:
    faults, given = [], {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            faults.append((name[:64], f"is not one of {', '.join(known)}"))
        elif name in given:
            faults.append((name, "is given twice"))
        else:
            given[name] = value
    if faults:
        raise InvalidQuery(faults)
    return given


def _number(given: Mapping[str, str], name: str, least: int, most: int, otherwise: int) -> int:
    if name not in given:
        return otherwise
    number = parse_size(given[name])
    if number is None:
        raise InvalidQuery([(name, _NUMBER)])
    if not least <= number <= most:
        raise InvalidQuery([(name, f"must be from {least} to {most}: what a signed checkpoint covers")])
    return number


def _named_leaf(given: Mapping[str, str]) -> tuple[bytes, bytes]:
    faults = [(name, "is missing: a receipt has both") for name in ("record", "leaf") if name not in given]
    record = leaf = b""
    try:
        record = UUID(given.get("record", str(UUID(int=0)))).bytes
    except ValueError:
        faults.append(("record", "must be a record id, a UUID"))
    try:
        leaf = b64url_decode(given.get("leaf", ""))
    except ValueError:
        leaf = b""
    if "leaf" in given and len(leaf) != HASH_BYTES:
        faults.append(("leaf", "must be a leaf hash in base64url, as the receipt has it"))
    if faults:
        raise InvalidQuery(faults)
    return record, leaf


def _texts(hashes: list[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]
