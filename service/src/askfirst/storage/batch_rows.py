"""What a batch stores, as rows in the order of the tables' columns, and what it answers about an id seen before."""

import hmac

from askfirst.usecases.deeds import deed_of
from askfirst.usecases.rows import Conflicted, Decision, Entry, Gone, Outcome, Replayed, Stored

Row = tuple[object, ...]

STORED = Stored()


def seen_row(decision: Decision) -> Row:
    """Return the row of `decision_seen`; its first three columns are the key."""
    entry, record = decision.entry, decision.record
    return entry.log_id, record.site_key, decision.decision_id, decision.mac, entry.entry_id, record.server_time


def entry_row(entry: Entry) -> Row:
    """Return the row of `entry`."""
    return (
        entry.log_id,
        entry.entry_id,
        entry.kind,
        entry.leaf,
        entry.what,
        entry.what_salt,
        entry.who,
        entry.who_salt,
    )


def deed_row(entry: Entry) -> Row:
    """Return the row of `deed` of an entry that is no decision."""
    return entry.log_id, entry.entry_id, *deed_of(entry.kind, entry.what, entry.who)


def pending_row(entry: Entry) -> Row:
    """Return the row of `pending`."""
    return entry.log_id, entry.entry_id, entry.leaf_hash


def record_row(decision: Decision) -> Row:
    """Return the row of `record`."""
    row = decision.record
    return (
        decision.entry.log_id,
        decision.entry.entry_id,
        row.site_key,
        row.subject,
        row.server_time,
        row.method,
        row.policy_number,
        row.language,
        row.origin,
        row.granted,
        row.refused,
        row.rule,
        row.late,
        row.receipt,
        row.account,
    )


# What is stored under a decision id that was seen before: a SELECT whose three parameters each database marks its way.
FIRST = (
    "SELECT s.mac, r.record_id, r.receipt, r.late, r.granted FROM decision_seen s"
    " LEFT JOIN record r ON r.log_id = s.log_id AND r.record_id = s.record_id"
    " WHERE s.log_id = {0} AND s.site_key = {0} AND s.decision_id = {0}"
)


def first_outcome(found: Row, work: Decision) -> Outcome:
    """Return the outcome for a decision whose id was seen before; `found` is the row that FIRST gives."""
    mac, record_id, receipt, late, granted = found
    if mac is None or receipt is None:
        return Gone()
    if not isinstance(mac, bytes) or not hmac.compare_digest(mac, work.mac):
        return Conflicted()
    if not (isinstance(record_id, bytes) and isinstance(receipt, str) and isinstance(granted, str)):
        raise TypeError("the first answer to a decision was altered in the database")
    return Replayed(record_id, receipt, bool(late), granted)
