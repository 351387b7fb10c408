"""Hand out many records: in pages by key, so that memory stays flat, with a digest over every byte."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.directory import Directory
from askfirst.usecases.export_parquet import NEEDED, ParquetLines, is_installed
from askfirst.usecases.export_rows import CsvLines, Lines, NdjsonLines, RawRow, read_row
from askfirst.usecases.rows import RecordQuery

FORMATS: Final = ("ndjson", "csv", "parquet")
MEDIA: Final = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_ROWS: Final = {"ndjson": 2000, "csv": 2000, "parquet": 50_000}


class Exports(Protocol):
    """Records for an export."""

    def rows(self, log_id: int, query: RecordQuery, after: bytes, limit: int) -> Sequence[RawRow]:
        """Return records oldest first, those after the id `after`."""
        ...


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be handed out: a search without a page, the format, and for which service alone."""

    query: RecordQuery
    format: str
    mark: bool = False
    service: str | None = None
    after: bytes = b""


@dataclass(slots=True)
class Export:
    """An export that goes on: how far it is, and the digest of what was handed out."""

    order: ExportOrder
    rows: int = 0
    last: bytes = b""
    complete: bool = False
    _taken: bool = False
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """SHA-256 of every byte that was handed out, as 64 hex."""
        return self._hash.hexdigest()

    def take(self, earlier: bytes) -> None:
        """Count in what an earlier part of the same export, in lines, handed out: from its first byte on."""
        self._hash.update(earlier)
        self.rows += earlier.count(b"\n") - (self.order.format == "csv" and not self._taken)
        self._taken = True

    def parts(self, exports: Exports, log_id: int, directory: Directory) -> Iterator[bytes]:
        """Give out the whole, part by part; the state of this object follows."""
        order = self.order
        asked = known_policies(directory, log_id, order.service)
        lines = _lines(order, asked)
        if not order.after or order.format == "parquet":  # each Parquet file is whole by itself
            yield self._given(lines.head())
        self.last = order.after
        wanted = _ROWS[order.format]
        while True:
            page = exports.rows(log_id, order.query, self.last, wanted)
            kept = page
            if order.service is not None:
                named = ((row, read_row(row)) for row in page)
                kept = [row for row, read in named if asked.purpose(read.site_key, read.policy_number) is not None]
            if page:
                self.last = read_row(page[-1]).record_id
            self.rows += len(kept)
            if kept:
                yield self._given(lines.body(kept))
            if len(page) < wanted:
                break
        tail = lines.tail()
        self.complete = True
        if tail:
            yield self._given(tail)

    @property
    def last_record(self) -> str | None:
        """The id of the last record that was given out."""
        return uuid_text(self.last) if self.rows else None

    def manifest(self, checkpoint: str | None) -> dict[str, object]:
        """Return what a receiver needs to know about the whole."""
        return {
            "format": self.order.format,
            "rows": self.rows,
            "digest": f"sha256:{self.digest}",
            "complete": self.complete,
            "cursor": uuid_text(self.last) if self.last else None,
            "service": self.order.service,
            "checkpoint": checkpoint,
        }

    def _given(self, part: bytes) -> bytes:
        self._hash.update(part)
        return part


@dataclass(frozen=True, slots=True)
class KnownPolicies:
    """The policies of one organisation by site and number (the `Asked` of export_rows)."""

    digests: dict[tuple[str, int], str]
    purposes: dict[tuple[str, int], str]

    def digest(self, site_key: str, number: int) -> str | None:
        """Return the digest of a site's policy."""
        return self.digests.get((site_key, number))

    def purpose(self, site_key: str, number: int) -> str | None:
        """Return the purpose of the service that the export is for, in that policy; None where it is not there."""
        return self.purposes.get((site_key, number))


def known_policies(directory: Directory, log_id: int, service: str | None) -> KnownPolicies:
    """Return what is known of an organisation's policies. Raises NotFound where none names the service."""
    digests, purposes = {}, {}
    for key, site in directory.sites.items():
        if site.site.log_id != log_id:
            continue
        for live in site.policies.values():
            digests[key, live.policy.number] = live.digest
            for one in live.policy.services:
                if one.id == service:
                    purposes[key, live.policy.number] = one.purpose
    if service is not None and not purposes:
        raise NotFound("No policy of this organisation names a service with this id.")
    return KnownPolicies(digests, purposes)


def order_of(query: RecordQuery, *, format: str, mark: bool, service: str | None, now: int) -> ExportOrder:  # noqa: A002
    """Return the order of an export as of now; a search's cursor is where it goes on. Raises InvalidQuery."""
    if format not in FORMATS:
        raise InvalidQuery([("format", f"must be one of {', '.join(FORMATS)}")])
    if format == "parquet" and not is_installed():
        raise InvalidQuery([("format", f"{NEEDED}, on the machine of the service")])
    before = now if query.before is None else min(query.before, now)
    query, after = replace(query, before=before + (query.before is None), after_id=None), query.after_id or b""
    return ExportOrder(query, format, mark, service, after)


def _lines(order: ExportOrder, asked: KnownPolicies) -> Lines:
    match order.format:
        case "csv":
            return CsvLines(asked, order.service, mark=order.mark)
        case "parquet":
            return ParquetLines(asked, order.service)
        case _:
            return NdjsonLines(asked, order.service)
