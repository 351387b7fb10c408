"""Write each day's records to a place outside, once: whole with a manifest, or not at all, and missed days later."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from askfirst.core.errors import ExportFailed
from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import Directory
from askfirst.usecases.entries import entry_named
from askfirst.usecases.export import Export, ExportOrder, Exports
from askfirst.usecases.ports import Acting, Catalogue, Ledger
from askfirst.usecases.rows import DailyState, Organisation, RecordQuery

# A decision of a day's last moment is committed, and under a checkpoint, long before.
GRACE_MS: Final = 10 * 60_000
LATE_MS: Final = 3 * 3_600_000
_LEASE_MS: Final = 10 * 60_000
_FIRST_PAUSE_MS: Final = 60_000
_LONGEST_PAUSE_MS: Final = 3_600_000
_EPOCH_DAY: Final = date(1970, 1, 1)
_MANIFEST: Final = 1


class ExportPlace(Protocol):
    """A folder or bucket. Names are paths with `/`. Both raise ExportFailed."""

    def read(self, name: str) -> bytes | None:
        """Return a small file, or None where there is none."""
        ...

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep a file durably, in place of one of that name. Until it is whole nobody sees anything of it, also where
        `parts` raises.
        """
        ...


class DailyExports(Protocol):
    """How far each organisation's daily export is."""

    def state(self, log_id: int) -> DailyState | None:
        """Return it, or None where nothing was ever exported."""
        ...

    def begin(self, state: DailyState) -> None:
        """Store a first state, unless there is one."""
        ...

    def lease(self, state: DailyState, now: int, until: int) -> bool:
        """Take the export for this node, unless another node has it or went on with it."""
        ...

    def put(self, state: DailyState) -> None:
        """Store a state: how far it is, and until when this node has it."""
        ...


@dataclass(frozen=True, slots=True)
class Daily:
    """What a daily export works with. `pace` gives parts on, as fast as whoever runs it wants; what it raises ends the
    file, of which nothing is kept then. `via`: what entries say.
    """

    room: DailyExports
    place: ExportPlace
    exports: Exports
    ledger: Ledger
    catalogue: Catalogue
    zone: ZoneInfo
    format: str
    by: Acting
    via: str = "daily"
    pace: Callable[[Export, Iterator[bytes]], Iterator[bytes]] = lambda _going, parts: parts


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: the days that it wrote, and what stopped it; None: nothing did."""

    days: tuple[date, ...]
    failed: str | None = None


def last_whole_day(zone: ZoneInfo, now: int) -> date:
    """Return the last day that is over, and for long enough that nothing of it is still on its way."""
    return datetime.fromtimestamp((now - GRACE_MS) / 1000, zone).date() - timedelta(days=1)


def export_due_days(daily: Daily, directory: Directory, organisation: Organisation, *, at_once: bool = False) -> Ran:
    """Write every day that is over and not written, oldest first; the first time of all, the last one alone.

    One node at a time. After a failure the next run waits, a minute at first and an hour at most, unless it is to be
    `at_once`. A day that a manifest says is written is passed over. Whatever stops a file, nothing of it is seen.
    """
    now, log_id = daily.by.clock(), organisation.log_id
    last = (last_whole_day(daily.zone, now) - _EPOCH_DAY).days
    state = daily.room.state(log_id)
    if state is None:
        daily.room.begin(DailyState(log_id, last))
        state = daily.room.state(log_id)
    if state is None or state.next_day > last or (state.next_at > now and not at_once):
        return Ran(())
    if not daily.room.lease(state, now, now + _LEASE_MS):
        return Ran(())
    written: list[date] = []
    try:
        while state.next_day <= last:
            day = _EPOCH_DAY + timedelta(days=state.next_day)
            if export_day(daily, directory, organisation, day, going_on=_leased(daily, state)):
                written.append(day)
            state = DailyState(log_id, state.next_day + 1, leased_until=daily.by.clock() + _LEASE_MS)
            daily.room.put(state)
    except ExportFailed as error:
        pause = min(_FIRST_PAUSE_MS * 2 ** min(state.failures, 20), _LONGEST_PAUSE_MS)
        next_at = daily.by.clock() + pause
        state = replace(state, failures=state.failures + 1, next_at=next_at, said=error.reason)
        return Ran(tuple(written), error.reason)
    finally:
        daily.room.put(replace(state, leased_until=0))
    return Ran(tuple(written))


def export_day(
    daily: Daily,
    directory: Directory,
    organisation: Organisation,
    day: date,
    *,
    again: bool = False,
    going_on: Callable[[], None] = lambda: None,
) -> bool:
    """Write one day with its manifest, and say whether that was to be done: not where its manifest is there already.

    The records come first, then the entry, then the manifest: where there is a manifest, all is there. Raises
    ExportFailed, also where the place has the day of another ledger.
    """
    name = f"{organisation.slug}/{day.isoformat()}.{daily.format}"
    beside = f"{name}.manifest.json"
    before = daily.place.read(beside)
    if before is not None and _log_of(before) != organisation.origin:
        raise ExportFailed(f"{beside} is there and belongs to another ledger")
    if before is not None and not again:
        return False
    first, following = _midnight(day, daily.zone), _midnight(day + timedelta(days=1), daily.zone)
    going = Export(ExportOrder(RecordQuery(since=first, before=following), daily.format))

    def parts() -> Iterator[bytes]:
        for part in daily.pace(going, going.parts(daily.exports, organisation.log_id, directory)):
            going_on()
            yield part

    daily.place.write(name, parts())
    now = daily.by.clock()
    entry_id = daily.by.random.entry_id(now)
    members = {
        "filters": {"day": day.isoformat(), "zone": daily.zone.key},
        "format": daily.format,
        "rows": going.rows,
        "digest": going.digest,
        "via": daily.via,
    }
    kind = EntryKind.RECORDS_EXPORTED
    daily.catalogue.append(entry_named(organisation.log_id, entry_id, kind, members, now=now, by=daily.by))
    checkpoint = daily.ledger.last_checkpoint(organisation.log_id)
    manifest = {
        "v": _MANIFEST,
        "organisation": organisation.slug,
        "log": organisation.origin,
        "day": day.isoformat(),
        "zone": daily.zone.key,
        "from": first,
        "to": following,
        "file": name.rpartition("/")[2],
        "format": daily.format,
        "rows": going.rows,
        "digest": f"sha256:{going.digest}",
        "export": str(UUID(bytes=entry_id)),
        "at": now,
        "checkpoint": None if checkpoint is None else checkpoint.note,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    daily.place.write(beside, [text.encode()])
    return True


def days_behind(state: DailyState | None, zone: ZoneInfo, now: int) -> int:
    """Return how many days are over and not written."""
    return 0 if state is None else max(0, (last_whole_day(zone, now) - _EPOCH_DAY).days + 1 - state.next_day)


def late_day(state: DailyState | None, zone: ZoneInfo, now: int) -> date | None:
    """Return the oldest day that has failed and is over for more than three hours; None where all is well."""
    if state is None or not state.failures:
        return None
    day = _EPOCH_DAY + timedelta(days=state.next_day)
    return day if now - _midnight(day + timedelta(days=1), zone) > LATE_MS else None


def _leased(daily: Daily, state: DailyState) -> Callable[[], None]:
    """Return what keeps the export for this node while a long day is written."""
    until = daily.by.clock() + _LEASE_MS

    def keep() -> None:
        nonlocal until
        now = daily.by.clock()
        if until - now < _LEASE_MS // 2:
            until = now + _LEASE_MS
            daily.room.put(replace(state, leased_until=until))

    return keep


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


def _log_of(manifest: bytes) -> object:
    try:
        read = json.loads(manifest)
    except ValueError:
        return None
    return read.get("log") if isinstance(read, dict) else None
