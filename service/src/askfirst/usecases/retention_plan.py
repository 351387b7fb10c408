"""What retention does next: for each site how long decisions are kept, who said so, and what is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import Directory, LiveSite
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Forgetting, Records
from askfirst.usecases.retain import days_kept, kept_from
from askfirst.usecases.rows import EntryQuery, FoundDeed

COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """How long a site keeps decisions, and what a run would do now. Times in ms.

    `days` 0: for ever, and then nothing is due. `due` counts what is older, and `held` what of it a legal hold keeps;
    both up to 10,000. `last` is the entry of the last run that forgot something.
    """

    site: LiveSite
    days: int
    said_by: Literal["site", "policy", "settings"]
    before: int | None
    due: int
    held: int
    last: FoundDeed | None

    def as_dict(self) -> dict[str, object]:
        """Return it as the API gives it."""
        return {
            "site": self.site.site.site_key,
            "name": self.site.site.name,
            "days": self.days,
            "said_by": self.said_by,
            "before": self.before,
            "due": {"count": self.due, "is": "exact" if self.due < COUNTED else "at least"},
            "held": self.held,
            "last": None if self.last is None else _told(self.last),
        }


def plan_retention(
    directory: Directory,
    forgetting: Forgetting,
    records: Records,
    log_id: int,
    sites: tuple[str, ...] | None,
    *,
    everywhere: int,
    now: int,
) -> Iterator[PlannedRun]:
    """Give what retention would do now for each site, or for these, by key. `everywhere`: the days of the settings."""
    for key, site in sorted(directory.sites.items()):
        if site.site.log_id != log_id or (sites is not None and key not in sites):
            continue
        days = days_kept(site, everywhere)
        before = kept_from(now, days) if days else None
        due, held = (0, 0) if before is None else forgetting.due(log_id, key, before, COUNTED, now)
        ran = EntryQuery(sites=(key,), site=key, kind=EntryKind.RETENTION_RUN, limit=1)
        last = next(iter(records.deeds(log_id, ran)), None)
        yield PlannedRun(site, days, _said_by(site), before, due, held, last)


def _said_by(site: LiveSite) -> Literal["site", "policy", "settings"]:
    if site.site.retention_days is not None:
        return "site"
    return "policy" if site.current and site.current.policy.retention_days is not None else "settings"


def _told(run: FoundDeed) -> dict[str, object]:
    said = read_part(run.what)
    return {name: said.get(name) for name in ("time", "rule", "before", "forgotten")}
