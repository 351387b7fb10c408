"""Forget what is over on every site: trouble with one holds up no other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from askfirst.core.errors import LedgerFault
from askfirst.usecases.directory import Directory
from askfirst.usecases.ports import Acting, Forgetting
from askfirst.usecases.retain import days_kept, prune_seen, retain

log = logging.getLogger("askfirst")


def forget_what_is_over(forgetting: Forgetting, directory: Directory, everywhere: int, by: Acting) -> None:
    """Forget decision ids whose time is over, and decisions that are older than their site keeps them; `everywhere`:
    for how many days where no site says so, 0: for ever.
    """
    for log_id, organisation in directory.organisations.items():
        with _apart(organisation.slug):
            prune_seen(forgetting, log_id, by.clock())
    for key, site in directory.sites.items():
        if days := days_kept(site, everywhere):
            with _apart(key):
                retain(forgetting, site.site.log_id, key, days=days, by=by)


@contextmanager
def _apart(name: str) -> Iterator[None]:
    """Keep what goes wrong with one site or organisation from the others, whose time has come all the same."""
    try:
        yield
    except (LedgerFault, SQLAlchemyError) as error:
        log.critical("what %s is not to keep any more stays for now: %s", name, error)
