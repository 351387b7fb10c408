"""Forget decisions that are older than a site keeps them, in steps that stop nobody else."""

from askfirst.core.errors import BadName
from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.erase import forget
from askfirst.usecases.ports import Acting, Forgetting

DAY_MS = 86_400_000
# A decision's id, and the keyed hash by which its replay is told, are kept for so long.
SEEN_DAYS = 30
MOST_DAYS = 36_500
_STEP = 200


def retain(forgetting: Forgetting, log_id: int, site_key: str, *, days: int, by: Acting) -> int:
    """Forget the decisions of a site that are more than `days` days old, and return how many.

    Each step is a transaction of its own with the entries of what it forgot; the run leaves one entry at the end, also
    where a later run finishes what this one began. What a legal hold keeps stays, until it ends. Raises
    BadName for less than a day, and for more than a hundred years.
    """
    if not 1 <= days <= MOST_DAYS:
        raise BadName("number of days", str(days), f"1 to {MOST_DAYS:,}")
    before = kept_from(by.clock(), days)
    rule = f"older than {days} days"
    forgotten = 0
    while True:
        with forgetting.transaction() as transaction:
            found = transaction.older_than(log_id, site_key, before, _STEP, by.clock())
            for one in found:
                forget(transaction, log_id, one, EntryKind.RECORD_RETAINED, {"rule": rule}, by)
            forgotten += len(found)
            if len(found) < _STEP:
                if forgotten:
                    members = {"site": site_key, "rule": rule, "before": before, "forgotten": forgotten}
                    now = by.clock()
                    transaction.append(staff_entry(log_id, EntryKind.RETENTION_RUN, members, now=now, by=by))
                return forgotten


def prune_seen(forgetting: Forgetting, log_id: int, now: int) -> int:
    """Drop decision ids older than 30 days, and return how many: a replay after that is a new decision."""
    pruned = 0
    while True:
        with forgetting.transaction() as transaction:
            step = transaction.prune_seen(log_id, now - SEEN_DAYS * DAY_MS, _STEP * 10)
        pruned += step
        if step < _STEP * 10:
            return pruned


def kept_from(now: int, days: int) -> int:
    """Return the time (ms) from which on decisions are kept that are kept for so many days."""
    # Ids begin in 1970, and none is older.
    return max(0, now - days * DAY_MS)


def days_kept(site: LiveSite, everywhere: int) -> int:
    """Return after how many days a site's decisions are forgotten; 0: never. What was set for the site comes before
    what its policy says, and that before what holds `everywhere`.
    """
    if site.site.retention_days is not None:
        return site.site.retention_days
    in_policy = site.current.policy.retention_days if site.current else None
    return everywhere if in_policy is None else in_policy
