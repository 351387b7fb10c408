"""Count decisions a second time, for the verification of the counts that the sequencer keeps."""

from collections import Counter

from sqlalchemy import Connection, Select, func, select

from askfirst.storage import tables as t
from askfirst.storage.sequencer import COUNTED, HOUR_MS, dimensions
from askfirst.usecases.altered_values import as_number, as_text
from askfirst.usecases.rows import Tallies
from askfirst.usecases.showings import DIMENSION as SHOWN

_Counted = Counter[tuple[str, int, str, str]]

_ALIKE = (
    t.record.c.site_key,
    (t.record.c.server_time // HOUR_MS).label("hour"),
    *(t.record.c[name] for name in COUNTED),
)


def read_tallies(connection: Connection, log_id: int) -> Tallies:
    """Return the decisions of a log that have their place, counted from the records and by the sequencer."""
    decided = select(*_ALIKE, func.count().label("decisions")).where(t.record.c.log_id == log_id).group_by(*_ALIKE)
    of_record = (t.pending.c.log_id == t.record.c.log_id) & (t.pending.c.entry_id == t.record.c.record_id)
    counted = _counted(connection, decided.select_from(t.record))
    # What has no place yet was not counted by the sequencer either.
    counted.subtract(_counted(connection, decided.select_from(t.record.join(t.pending, of_record))))
    r = t.rollup.c
    # How often a banner was shown is counted there too, and no record tells it.
    of_decisions = (r.log_id == log_id) & (r.dimension != SHOWN)
    rows = connection.execute(select(r.site_key, r.hour, r.dimension, r.value, r.count).where(of_decisions))
    stored = {(as_text(row[0]), as_number(row[1]), as_text(row[2]), as_text(row[3])): as_number(row[4]) for row in rows}
    site = t.tombstone.c.site_key
    gone = connection.execute(select(site, func.count()).where(t.tombstone.c.log_id == log_id).group_by(site))
    forgotten = {as_text(row[0]): int(row[1]) for row in gone}
    return Tallies({key: count for key, count in counted.items() if count}, stored, forgotten)


def _counted(connection: Connection, decided: Select[tuple[object, ...]]) -> _Counted:
    counted: _Counted = Counter()
    for row in connection.execute(decided):
        for dimension, value in dimensions(row):
            counted[row.site_key, row.hour, dimension, value] += row.decisions
    return counted
