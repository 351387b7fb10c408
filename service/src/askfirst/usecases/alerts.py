"""Alerts: what staff should look at now. Each is an entry when it is raised, acknowledged and over."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import entry_named, staff_entry
from askfirst.usecases.ports import Acting
from askfirst.usecases.record_filters import read_id
from askfirst.usecases.rows import Alert, Entry

PAGE: Final = 100
NO_ALERT: Final = "No alert with this id waits for somebody among those that you may see."
_MINUTE_MS: Final = 60_000


class Rule(StrEnum):
    """What an alert can be about."""

    ACCEPTANCES = "acceptances"
    REFUSALS = "refusals"
    FLOOD = "flood"
    CHECKPOINT_LATE = "checkpoint_late"
    CHECKPOINT_REFUSED = "checkpoint_refused"
    EXPORT_LATE = "export_late"


# How long it must not have been seen before it is over (ms), so that what comes and goes is one alert.
QUIET: Final[Mapping[Rule, int]] = {
    Rule.ACCEPTANCES: 6 * 60 * _MINUTE_MS,
    Rule.REFUSALS: 6 * 60 * _MINUTE_MS,
    Rule.FLOOD: 10 * _MINUTE_MS,
    Rule.CHECKPOINT_LATE: _MINUTE_MS,
    Rule.CHECKPOINT_REFUSED: 5 * _MINUTE_MS,
    Rule.EXPORT_LATE: 5 * _MINUTE_MS,
}


class AlertRoom(Protocol):
    """Alerts that were ever raised. Of one rule and site at most one is open, however many nodes look."""

    def open_alerts(self, log_id: int) -> tuple[Alert, ...]:
        """Return the alerts that are not over."""
        ...

    def alerts(
        self, log_id: int, sites: tuple[str, ...] | None, *, open_only: bool, after: bytes | None, limit: int
    ) -> list[Alert]:
        """Return alerts of these sites, or all; newest first, older than the id `after`."""
        ...

    def raise_alert(self, alert: Alert, entry: Entry) -> bool:
        """Store a new alert with its entry, unless one of its rule and site is open."""
        ...

    def seen(self, alert: Alert) -> None:
        """Store when an open alert was last seen, and what was found then."""
        ...

    def end(self, alert: Alert, entry: Entry) -> bool:
        """Store that an alert is over with its entry, unless somebody did before."""
        ...

    def acknowledge(self, alert: Alert, entry: Entry) -> bool:
        """Store who acknowledged an alert with its entry, unless somebody did before."""
        ...

    def answered(self, log_id: int, first_hour: int, before_hour: int) -> dict[str, dict[str, int]]:
        """Return the decisions of some hours since 1970 by site and method."""
        ...

    def oldest_unsigned(self, log_id: int) -> int | None:
        """Return when the oldest entry came that no checkpoint holds (ms); None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that is so now; `site_key` is empty where it is about the whole organisation."""

    rule: Rule
    site_key: str
    facts: Mapping[str, object]


def settle(
    room: AlertRoom,
    log_id: int,
    noticed: Iterable[Noticed],
    *,
    looked_for: Collection[Rule],
    by: Acting,
    raised: Callable[[Alert], None] = lambda _alert: None,
) -> None:
    """Raise what is new, keep what is so still, and end what was not seen for its time.

    `looked_for`: the rules that were looked at, since one that was not says nothing. `raised` is told of each new
    alert, by the one node that raised it.
    """
    now = by.clock()
    found = {(one.rule, one.site_key): one for one in noticed}
    for alert in room.open_alerts(log_id):
        if alert.rule not in looked_for:
            continue
        still = found.pop((Rule(alert.rule), alert.site_key), None)
        if still is not None:
            room.seen(replace(alert, seen_at=now, facts=dict(still.facts)))
        elif alert.seen_at <= now - QUIET[Rule(alert.rule)]:
            over = replace(alert, ended_at=now)
            room.end(over, staff_entry(log_id, EntryKind.ALERT_ENDED, _members(alert), now=now, by=by))
    for one in found.values():
        alert = Alert(log_id, by.random.entry_id(now), one.rule, one.site_key, dict(one.facts), now, now)
        members = {**_members(alert), "facts": alert.facts}
        if room.raise_alert(
            alert, entry_named(log_id, alert.alert_id, EntryKind.ALERT_RAISED, members, now=now, by=by)
        ):
            raised(alert)


def end_of_sites(room: AlertRoom, log_id: int, sites: Collection[str], *, by: Acting) -> None:
    """End the open alerts of sites that are none of `sites`, since nobody looks there any more."""
    now = by.clock()
    for alert in room.open_alerts(log_id):
        if alert.site_key and alert.site_key not in sites:
            over = replace(alert, ended_at=now)
            room.end(over, staff_entry(log_id, EntryKind.ALERT_ENDED, _members(alert), now=now, by=by))


def list_alerts(
    room: AlertRoom,
    log_id: int,
    sites: tuple[str, ...] | None,
    *,
    open_only: bool = False,
    after: str | None = None,
) -> tuple[list[Alert], str | None]:
    """Return at most 100 alerts, newest first, and the cursor for more. Raises InvalidQuery for none."""
    try:
        after_id = None if after is None else read_id(after)
    except ValueError:
        raise InvalidQuery([("cursor", "must be the cursor of a page before, a UUID")]) from None
    found = room.alerts(log_id, sites, open_only=open_only, after=after_id, limit=PAGE + 1)
    page = found[:PAGE]
    return page, str(UUID(bytes=page[-1].alert_id)) if len(found) > PAGE else None


def acknowledge(room: AlertRoom, log_id: int, alert: str, *, by: Acting, sites: tuple[str, ...] | None = None) -> Alert:
    """Note that somebody knows, and return the alert. Raises NotFound where none of these waits for that."""
    now = by.clock()
    try:
        alert_id = UUID(alert).bytes
    except ValueError:
        raise NotFound(NO_ALERT) from None
    following = (int.from_bytes(alert_id, "big") + 1).to_bytes(17, "big")[-16:]
    found = room.alerts(log_id, sites, open_only=False, after=following if any(following) else None, limit=1)
    if not found or found[0].alert_id != alert_id or found[0].acknowledged_at is not None:
        raise NotFound(NO_ALERT)
    known = replace(found[0], acknowledged_at=now, acknowledged_by=by.staff)
    entry = staff_entry(log_id, EntryKind.ALERT_ACKNOWLEDGED, _members(known), now=now, by=by)
    if not room.acknowledge(known, entry):
        raise NotFound(NO_ALERT)
    return known


def told(alert: Alert) -> dict[str, object]:
    """Return an alert as the API gives it."""
    return {
        "alert": str(UUID(bytes=alert.alert_id)),
        "rule": alert.rule,
        "site": alert.site_key or None,
        "said": said(alert),
        "facts": dict(alert.facts),
        "raised": alert.raised_at,
        "seen": alert.seen_at,
        "ended": alert.ended_at,
        "acknowledged": alert.acknowledged_at,
        "by": alert.acknowledged_by,
    }


def said(alert: Alert) -> str:
    """Return what was found in a sentence."""
    facts = alert.facts
    name = {Rule.ACCEPTANCES: "Acceptances", Rule.REFUSALS: "Refusals"}.get(alert.rule, "")  # type: ignore[call-overload]
    if name and facts.get("measure") == "share":
        shares = (f"{_number(facts, one) / 10:.0f}" for one in ("found", "usual", "low", "high"))
        found, usual, low, high = shares
        return (
            f"{name} were {found} % of {_number(facts, 'decisions')} decisions in 24 hours. Such days usually have "
            f"{usual} %, and {low} to {high} % would be usual."
        )
    if name:
        found, usual, low, high = (str(_number(facts, one)) for one in ("found", "usual", "low", "high"))
        return f"{name}: {found} in 24 hours. Such days usually have {usual}, and {low} to {high} would be usual."
    if alert.rule == Rule.FLOOD:
        return (
            f"{_number(facts, 'refused')} requests were refused within a minute; addresses or networks that sent too "
            f"many: {_number(facts, 'addresses')}."
        )
    if alert.rule == Rule.CHECKPOINT_LATE:
        return f"An entry has waited for {_number(facts, 'seconds')} seconds for a checkpoint."
    if alert.rule == Rule.EXPORT_LATE:
        return f"The daily export of {facts.get('day')} was not written: {facts.get('reason')}."
    return f"No checkpoint is signed any more: {facts.get('reason')}."


def _number(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def _members(alert: Alert) -> dict[str, object]:
    return {"alert": str(UUID(bytes=alert.alert_id)), "rule": alert.rule, "site": alert.site_key or None}
