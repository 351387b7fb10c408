"""One node's look-out: what it notices becomes alerts, and what concerns the ledger itself is told at once."""

from collections.abc import Callable, Mapping
from typing import Final

from askfirst.core.errors import CheckpointRefused
from askfirst.core.kinds import EntryKind
from askfirst.usecases.alerts import Noticed, Rule, end_of_sites, settle, told
from askfirst.usecases.daily_export import DailyExports
from askfirst.usecases.notice import notice_answers, notice_late, notice_late_export
from askfirst.usecases.ports import Acting
from askfirst.usecases.rows import Alert
from askfirst.usecases.webhooks import tell_at_once
from askfirst.web.limits import Flood
from askfirst.web.live import Live

_HOUR_MS: Final = 3_600_000
_LATE_MS: Final = 60_000
_ANSWERS: Final = frozenset({Rule.ACCEPTANCES, Rule.REFUSALS})
_LEDGER: Final = frozenset({Rule.CHECKPOINT_LATE, Rule.CHECKPOINT_REFUSED})


class Watch:
    """Looks at what a node can see. Its one caller is the node's loop."""

    def __init__(
        self,
        live: Live,
        take_floods: Callable[[], list[Flood]],
        *,
        wanted: bool,
        publishes: bool,
        publish_ms: int,
        daily: DailyExports | None = None,
    ) -> None:
        """Take what is looked at. `publishes`: this node signs checkpoints, every `publish_ms`. `daily`: it writes
        daily exports.
        """
        self._daily = daily
        self._live, self._take_floods = live, take_floods
        self._wanted, self._publishes = wanted, publishes
        self._late_ms = max(_LATE_MS, 3 * publish_ms)
        self._hour: dict[int, int] = {}

    def look(self, refused: Mapping[int, CheckpointRefused]) -> None:
        """Look once. `refused`: the logs whose last checkpoint this node refused to sign, and why."""
        live = self._live
        by = Acting(None, live.clock, live.random)
        floods = self._take_floods()
        for log_id in live.directory.organisations:
            if not self._wanted:
                settle(live.alerts, log_id, (), looked_for=frozenset(Rule), by=by)
                continue
            sites = self._sites(log_id)
            noticed = [
                Noticed(Rule.FLOOD, one.site_key, {"refused": one.refused, "addresses": one.addresses})
                for one in floods
                if one.site_key in sites
            ]
            noticed += notice_late(live.alerts, log_id, live.clock(), after_ms=self._late_ms)
            looked_for = {Rule.FLOOD, Rule.CHECKPOINT_LATE}
            if self._daily is not None:
                looked_for.add(Rule.EXPORT_LATE)
                noticed += notice_late_export(self._daily, log_id, live.zone, live.clock())
            if self._publishes:
                looked_for.add(Rule.CHECKPOINT_REFUSED)
            if log_id in refused:
                noticed.append(Noticed(Rule.CHECKPOINT_REFUSED, "", {"reason": refused[log_id].reason}))
            # What was answered changes slowly, and only full hours are looked at.
            hour = live.clock() // _HOUR_MS
            if self._hour.get(log_id) != hour:
                noticed += notice_answers(live.alerts, log_id, sites, live.clock())
                looked_for |= _ANSWERS
            settle(live.alerts, log_id, noticed, looked_for=looked_for, by=by, raised=self._raised)
            end_of_sites(live.alerts, log_id, sites, by=by)
            self._hour[log_id] = hour

    def _sites(self, log_id: int) -> frozenset[str]:
        return frozenset(
            key
            for key, one in self._live.directory.sites.items()
            if one.site.log_id == log_id and one.site.alerts and one.site.disabled_at is None
        )

    def _raised(self, alert: Alert) -> None:
        if alert.rule not in _LEDGER:
            return
        # Webhooks are told along the ledger, and the ledger may be what has stopped.
        live = self._live
        shown = told(alert)
        data = {name: shown[name] for name in ("alert", "rule", "site", "facts")}
        tell_at_once(
            live.webhooks,
            live.sender,
            alert.log_id,
            live.webhook_secret,
            live.clock,
            entry_id=alert.alert_id,
            kind=EntryKind.ALERT_RAISED,
            data=data,
        )
