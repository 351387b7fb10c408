"""Take over what visitors answered to another tool: as marked entries, never as receipts of Askfirst's own."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from askfirst.core.canonical import canonical_json
from askfirst.core.embeds import FOREIGN
from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.record import entry_what
from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.entries import seal, staff_entry
from askfirst.usecases.import_file import Line, file_digest, read_lines
from askfirst.usecases.import_formats import CALLED, ToldAnswer
from askfirst.usecases.import_values import BadRow, Row, read_time
from askfirst.usecases.imported import imported_record
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Entry, Record
from askfirst_sdk.subject import make_subject

BATCH: Final = 500
_MOST_FAULTS: Final = 100
_TAG_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")

Outcome = Literal["new", "known", "other", "gone"]
Read = Callable[[Row], ToldAnswer | None]


class Imported(NamedTuple):
    """An entry with the row that searches find it by."""

    entry: Entry
    record: Record


class Imports(Protocol):
    """Where imported answers are kept."""

    def store(self, batch: Sequence[Imported]) -> list[Outcome]:
        """Store what is not there yet in one transaction, and say of each: it is new, known already, there with another
        answer, or was forgotten and stays so."""
        ...


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is imported into which site: the tool's name, how its rows are read, and what its names mean there.

    `names` are the operator's own: a name to a purpose, or to nothing where it is to be left out. `secret` makes ids of
    the tool's ids that nobody can turn back.
    """

    site: LiveSite
    source: str
    read: Read
    names: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class ImportReport:
    """What came of an import: rows by what became of them, and what is wrong with which line. `silent` rows hold no
    answer."""

    rows: int = 0
    silent: int = 0
    new: int = 0
    known: int = 0
    gone: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    faulty: int = 0

    def fault(self, number: int, said: str) -> None:
        """Note what is wrong with a line; the first hundred are told one by one."""
        self.faulty += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append((number, said))


def check_file(path: Path, order: ImportOrder, by: Acting, advance: Callable[[int, int], None]) -> ImportReport:
    """Read a whole file and store nothing: say how many rows it has and what is wrong with which line."""
    report, size = ImportReport(), max(1, path.stat().st_size)
    seen: dict[bytes, int] = {}
    for number, answer, fault, at in _answers(path, order, by):
        report.rows += 1
        if fault is not None:
            report.fault(number, fault)
        elif answer is None:
            report.silent += 1
        else:
            key, said = _record_id(order, answer), hash(canonical_json(_purposes(order, answer)))
            if seen.setdefault(key, said) != said:
                report.fault(
                    number, "has the id and time of an earlier line, and another answer; leave one of them out"
                )
        advance(min(at, size), size)
    return report


def import_file(
    imports: Imports,
    catalogue: Catalogue,
    path: Path,
    order: ImportOrder,
    by: Acting,
    advance: Callable[[int, int], None],
) -> ImportReport:
    """Store a file's answers, which `check_file` found nothing wrong with, batch by batch; then the entry about it.

    It may end at any time and be begun again: what is there already is left as it is, so that nothing is stored twice.
    """
    report, size, digest = ImportReport(), max(1, path.stat().st_size), file_digest(path)
    batch: list[tuple[int, Imported]] = []

    def store() -> None:
        for (number, _), outcome in zip(batch, imports.store([one for _, one in batch]), strict=True):
            match outcome:
                case "new":
                    report.new += 1
                case "known":
                    report.known += 1
                case "gone":
                    report.gone += 1
                case "other":
                    report.fault(number, "was imported before with another answer, which stays")
        batch.clear()

    for number, answer, fault, at in _answers(path, order, by):
        report.rows += 1
        if fault is not None:
            report.fault(number, fault)
        if answer is None:
            continue
        batch.append((number, _imported(order, answer, digest, by)))
        if len(batch) >= BATCH:
            store()
            advance(min(at, size), size)
    if batch:
        store()
    advance(size, size)
    site = order.site.site
    members = {"site": site.site_key, "source": order.source, "rows": report.new, "digest": digest}
    catalogue.append(staff_entry(site.log_id, EntryKind.IMPORT_RUN, members, now=by.clock(), by=by))
    return report


def imported_subject(order_secret: bytes, source: str, person: str) -> str:
    """Return the subject of somebody whom another tool knows by this id: the same each time, and nobody's way back."""
    bits = hmac.digest(order_secret, b"askfirst-import-subject-v1\0" + canonical_json([source, person]), "sha256")
    return make_subject(0, int.from_bytes(bits[:8], "big") >> 6)


def check_source(source: str) -> str:
    """Return a tool's name; raise InvalidQuery unless it is 1 to 40 of a-z, 0-9, dot and hyphen."""
    if (
        not 0 < len(source) <= 40
        or not all(one.isascii() and (one.isalnum() or one in ".-") for one in source)
        or (source != source.lower())
    ):
        raise InvalidQuery([("source", "must be a tool's name of 1 to 40 of a-z, 0-9, dot and hyphen")])
    return source


def require_policy(site: LiveSite) -> LiveSite:
    """Return a site that has a policy, whose purposes the answers are to; raise NotFound for another."""
    if site.current is None:
        raise NotFound(f"Nothing is published for {site.site.site_key} yet, so that no purpose is known.")
    return site


def _answers(path: Path, order: ImportOrder, by: Acting) -> Iterator[tuple[int, ToldAnswer | None, str | None, int]]:
    for number, row, fault, at in _numbered(read_lines(path)):
        if fault is not None:
            yield number, None, fault, at
            continue
        try:
            answer = order.read(row)
            if answer is None:
                yield number, None, None, at
                continue
            read_time(answer.given, by.clock())
            if not _purposes(order, answer):
                raise BadRow("answers none of this site's purposes")
        except BadRow as error:
            yield number, None, str(error), at
        else:
            yield number, answer, None, at


def _numbered(lines: Iterable[Line]) -> Iterator[tuple[int, Row, str | None, int]]:
    return ((one.number, one.row, one.fault, one.at) for one in lines)


def _purposes(order: ImportOrder, answer: ToldAnswer) -> dict[str, bool]:
    """Return the answers to this site's purposes. Raises BadRow for a name that means nothing here."""
    policy = order.site.current.policy if order.site.current else None
    own = [one.id for one in policy.purposes if one.mode is not None] if policy else []
    services = {one.id: one.purpose for one in policy.services} if policy else {}
    found: dict[str, bool] = {}
    for name, granted in answer.answers.items():
        meant = _meant(order, name, own, services)
        if meant:
            # Two of its names or services may say different things: doubt is no.
            found[meant] = granted and found.get(meant, True)
    if answer.rest_refused:
        found = {**dict.fromkeys(own, False), **found}
    return dict(sorted(found.items()))


def _meant(order: ImportOrder, name: str, own: Sequence[str], services: Mapping[str, str]) -> str:
    """Return the purpose that a name means; empty for one that is never asked, or is to be left out."""
    if name in order.names:
        return order.names[name]
    lower = name.strip().lower()
    called = CALLED.get(order.source, {}).get(lower, lower)
    common = next((purpose for purpose, others in FOREIGN.items() if called in (purpose, *others)), called)
    for one in (called, common):
        if one in own:
            return one
    meant = services.get(called, common)
    if meant in own:
        return meant
    if meant == "necessary":
        return ""
    raise BadRow(
        f"names {name[:64]!r}, which is none of this site's purposes or services; say what it means with"
        f" --purpose {name[:64]}=PURPOSE, or leave it out with --purpose {name[:64]}="
    )


def _record_id(order: ImportOrder, answer: ToldAnswer) -> bytes:
    """Return a UUIDv7 of the time of the answer, whose rest is made of the tool's id: the same each time."""
    named = canonical_json([order.site.site.site_key, order.source, answer.id, answer.given])
    rest = bytearray(hmac.digest(order.secret, b"askfirst-import-record-v1\0" + named, "sha256")[:10])
    rest[0] = 0x70 | rest[0] & 0x0F
    rest[2] = 0x80 | rest[2] & 0x3F
    return answer.given.to_bytes(6, "big") + bytes(rest)


def _imported(order: ImportOrder, answer: ToldAnswer, digest: str, by: Acting) -> Imported:
    site, purposes = order.site.site, _purposes(order, answer)
    record_id = _record_id(order, answer)
    name = uuid_text(record_id)
    granted = joined(purpose for purpose, given in purposes.items() if given)
    # Who refused everything is nobody's to be found again, here as in an answer of Askfirst's own.
    subject = imported_subject(order.secret, order.source, answer.person) if granted else None
    members: dict[str, object] = {
        "site": site.site_key,
        "source": order.source,
        "purposes": purposes,
        "given": answer.given,
        "language": _language(answer.language),
        "origin": _origin(answer.page, site.origins),
        "notice": answer.notice[:200] if answer.notice else None,
        "file": digest,
    }
    what = entry_what(EntryKind.DECISION_IMPORTED, name, by.clock(), **members)
    who = canonical_json({"v": 1, "entry": name, "staff": by.staff, "subject": subject})
    entry = seal(site.log_id, record_id, EntryKind.DECISION_IMPORTED, what, who, by.random)
    return Imported(entry, imported_record(members, subject))


def _language(text: str | None) -> str | None:
    return text if text and len(text) <= 35 and set(text) <= _TAG_CHARACTERS else None


def _origin(page: str | None, origins: Sequence[str]) -> str | None:
    """Return the page's origin, if it is one of the site's; its path is not kept."""
    if not page:
        return None
    try:
        parts = urlsplit(page)
    except ValueError:
        return None
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return origin if origin in origins else None
