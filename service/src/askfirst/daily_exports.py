"""One node's daily exports: how fast they go, and what is logged and measured of them."""

import logging
from collections.abc import Callable, Iterator
from threading import Event
from time import perf_counter
from typing import Final

from askfirst.core.errors import AskfirstError
from askfirst.usecases.daily_export import Daily, Ran, days_behind, export_due_days
from askfirst.usecases.directory import Directory
from askfirst.usecases.export import Export
from askfirst.web.metrics import note_daily_export

log = logging.getLogger("askfirst")

# Making lines takes the interpreter from whoever answers visitors: after each part it rests so many times as long.
_REST: Final = 3.0


class Stopped(AskfirstError):  # noqa: N818
    """The node closes. The day is written when some node is up again."""


def in_spare_time(closing: Event) -> Callable[[Export, Iterator[bytes]], Iterator[bytes]]:
    """Return what gives parts on slowly, until `closing` is set; then it raises Stopped."""

    def pace(_going: Export, parts: Iterator[bytes]) -> Iterator[bytes]:
        begun = perf_counter()
        for part in parts:
            spent = perf_counter() - begun
            yield part
            if closing.wait(_REST * spent):
                raise Stopped("the daily export goes on when the service is up again")
            begun = perf_counter()

    return pace


def run_daily_exports(daily: Daily, directory: Directory) -> None:
    """Write what is due of every organisation; one's trouble is not the others'."""
    for log_id, organisation in directory.organisations.items():
        _tell(organisation.slug, export_due_days(daily, directory, organisation))
        state = daily.room.state(log_id)
        failures = 0 if state is None else state.failures
        note_daily_export(organisation.slug, failures, days_behind(state, daily.zone, daily.by.clock()))


def _tell(slug: str, ran: Ran) -> None:
    if ran.days:
        log.info("daily export of %s: wrote %s", slug, ", ".join(day.isoformat() for day in ran.days))
    if ran.failed is not None:
        log.error("daily export of %s failed and is tried again: %s", slug, ran.failed)
