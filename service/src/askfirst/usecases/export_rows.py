"""Records as lines of an export: NDJSON, CSV, and for one service. What repeats from row to row is made once."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final, NamedTuple, Protocol

from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.altered_values import as_bytes, as_number, as_text, as_text_or_none
from askfirst.usecases.purpose_lists import listed

_MOST_KEPT: Final = 4096
_TOKEN_SIGNS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS: Final = (
    "record",
    "consent_id",
    "site",
    "server_time",
    "method",
    "granted",
    "refused",
    "language",
    "origin",
    "policy_number",
    "policy",
    "rule",
    "late",
    "receipt",
)
SERVICE_COLUMNS: Final = (*COLUMNS, "service", "purpose", "allowed")


# One record as the database's driver gives it, in the order of `ExportRow`: to make more of each of a million rows
# would take longer than its line.
RawRow = tuple[Any, ...]


class ExportRow(NamedTuple):
    """One record of an export."""

    record_id: bytes
    subject: str | None
    receipt: str | None
    server_time: int
    site_key: str
    method: str
    policy_number: int
    language: str
    origin: str
    granted: str
    refused: str
    rule: str
    late: bool


class Asked(Protocol):
    """What is known of the policies that records name."""

    def digest(self, site_key: str, number: int) -> str | None:
        """Return the digest of a site's policy."""
        ...

    def purpose(self, site_key: str, number: int) -> str | None:
        """Return the purpose of the service that the export is for, in that policy; None where it is not there."""
        ...


class Lines(Protocol):
    """Makes bytes of rows."""

    def head(self) -> bytes:
        """Return what comes before the first row."""
        ...

    def body(self, rows: Sequence[RawRow]) -> bytes:
        """Return some rows."""
        ...

    def tail(self) -> bytes:
        """Return what comes after the last row."""
        ...


def read_row(row: RawRow) -> ExportRow:
    """Return a row as a record; one that somebody altered by hand as what comes nearest."""
    one = ExportRow._make(row)
    return ExportRow(
        record_id=as_bytes(one.record_id)[:16].ljust(16, b"\0"),
        subject=as_text_or_none(one.subject),
        receipt=as_text_or_none(one.receipt),
        server_time=as_number(one.server_time),
        site_key=as_text(one.site_key),
        method=as_text(one.method),
        policy_number=as_number(one.policy_number),
        language=as_text(one.language),
        origin=as_text(one.origin),
        granted=as_text(one.granted),
        refused=as_text(one.refused),
        rule=as_text(one.rule),
        late=bool(one.late),
    )


def shown_subject(subject: str | None) -> str | None:
    """Return a subject as people quote it; what somebody altered is shown as it is."""
    if not isinstance(subject, str) or len(subject) != 21:
        return subject if subject is None else str(subject)
    return f"{subject[:7]}-{subject[7:14]}-{subject[14:]}"


def _are_tokens(texts: list[str]) -> bool:
    """Say whether these texts have the signs of tokens alone: JSON writes them as they are. To look at all of them at
    once takes a third of the time of writing each anew."""
    joined = "".join(texts)
    return joined.isascii() and not joined.encode("ascii").translate(None, _TOKEN_SIGNS)


def of_service(row: ExportRow, service: str, purpose: str) -> dict[str, object]:
    """Return what a row says beside, in an export for one service."""
    return {"service": service, "purpose": purpose, "allowed": purpose in listed(row.granted)}


class NdjsonLines:
    """One JSON object a line."""

    def __init__(self, asked: Asked, service: str | None) -> None:
        """Take what is known of policies, and the service that the export is for."""
        self._asked, self._service = asked, service
        # Rows differ in little beside who and when: the rest of a line is kept by what it is made of.
        self._kept: dict[tuple[object, ...], str] = {}

    def head(self) -> bytes:
        """Return nothing."""
        return b""

    def body(self, rows: Sequence[RawRow]) -> bytes:
        """Return a line for each row."""
        try:
            if all(type(row[0]) is bytes for row in rows):
                return self._lines(rows)
        except (AttributeError, TypeError, ValueError):
            pass
        # One of them was altered by hand.
        return self._lines([read_row(row) for row in rows])

    def _lines(self, rows: Sequence[RawRow]) -> bytes:
        kept, lines = self._kept, []
        in_json = '"{}"'.format if _are_tokens([row[2] for row in rows if row[2] is not None]) else quoted
        for row in rows:
            record_id, subject, receipt, server_time = row[:4]
            rest = kept.get(row[4:]) or self._rest(row)
            who = "null" if subject is None else quoted(shown_subject(subject) or "")
            proof = "null" if receipt is None else in_json(receipt)
            lines.append(
                f'{{"record":"{uuid_text(record_id)}","consent_id":{who},"server_time":{server_time:d},'
                f'"receipt":{proof},{rest}}}\n'
            )
        return "".join(lines).encode()

    def tail(self) -> bytes:
        """Return nothing."""
        return b""

    def _rest(self, row: RawRow) -> str:
        members = shared_members(read_row(row), self._asked, self._service)
        text = json.dumps(members, separators=(",", ":"))[1:-1]
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[row[4:]] = text
        return text


class CsvLines:
    """A table for spreadsheets, in which no cell is a formula (RFC 4180)."""

    def __init__(self, asked: Asked, service: str | None, *, mark: bool) -> None:
        """Take what is known of policies, the service that the export is for, and whether a byte order mark leads."""
        self._asked, self._service, self._mark = asked, service, mark

    def head(self) -> bytes:
        """Return the names of the columns."""
        columns = COLUMNS if self._service is None else SERVICE_COLUMNS
        return (b"\xef\xbb\xbf" if self._mark else b"") + _table([columns])

    def body(self, rows: Sequence[RawRow]) -> bytes:
        """Return a line for each row."""
        columns = COLUMNS if self._service is None else SERVICE_COLUMNS
        table = []
        for row in map(read_row, rows):
            members = whole_members(row, self._asked, self._service)
            table.append([_cell(members[name]) for name in columns])
        return _table(table)

    def tail(self) -> bytes:
        """Return nothing."""
        return b""


def shared_members(row: ExportRow, asked: Asked, service: str | None) -> dict[str, object]:
    """Return what a row says that many others say too."""
    members: dict[str, object] = {
        "site": row.site_key,
        "method": row.method,
        "granted": listed(row.granted),
        "refused": listed(row.refused),
        "language": row.language,
        "origin": row.origin,
        "policy_number": row.policy_number,
        "policy": asked.digest(row.site_key, row.policy_number),
        "rule": row.rule,
        "late": bool(row.late),
    }
    if service is not None:
        members |= of_service(row, service, asked.purpose(row.site_key, row.policy_number) or "")
    return members


def whole_members(row: ExportRow, asked: Asked, service: str | None) -> Mapping[str, object]:
    """Return all that a row says."""
    return {
        "record": uuid_text(row.record_id),
        "consent_id": shown_subject(row.subject),
        "server_time": row.server_time,
        "receipt": row.receipt,
        **shared_members(row, asked, service),
    }


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    text = " ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _table(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")
