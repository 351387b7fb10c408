"""What `ledger verify` notices of rows that were slipped in where nobody reads them, or taken where all have one."""

import contextlib
import sqlite3
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from askfirst.core.errors import ConfigurationFault
from askfirst.storage import tables as t
from askfirst.usecases.directory import index
from support.altered_log import change, leaves, said, verified
from support.places import Home
from support.running_service import RunningService
from support.used_log import use

pytestmark = pytest.mark.each_database


def _row(home: Home, table: Any) -> dict[str, Any]:
    """Return the first row that log 1 has in a table."""
    query = select(table).where(table.c.log_id == 1).order_by(*table.primary_key).limit(1)
    with home.place.engine.connect() as connection:
        return dict(connection.execute(query).mappings().one())


def _policy(home: Home) -> Any:
    return insert(t.policy).values({**_row(home, t.policy), "number": 7, "digest": b"\x07" * 32})


def _key(home: Home) -> Any:
    return insert(t.key).values({**_row(home, t.key), "key_id": b"\x07" * 4})


def _picture(_: Home) -> Any:
    return insert(t.picture).values(log_id=1, digest=b"\x07" * 32, image=b"nobody saw this")


def _tile(home: Home) -> Any:
    return insert(t.tile).values({**_row(home, t.tile), "position": 1})


def _longer_tile(home: Home) -> Any:
    longer = _row(home, t.tile)["hashes"] + b"\x07" * 32
    return update(t.tile).where(t.tile.c.log_id == 1, t.tile.c.level == 0).values(hashes=longer)


def _leaf(home: Home) -> Any:
    return insert(t.leaf).values({**_row(home, t.leaf), "log_id": 7})


SLIPPED_IN: dict[str, tuple[Callable[[Home], Any], str]] = {
    "a policy that can not be read": (_policy, "Policy 7 of site demo0001 was never announced by an entry."),
    "a key that can not be read": (_key, "A key with the id 07070707 was never announced by an entry."),
    "a picture of no policy": (_picture, "1 picture(s) are stored that no list of pictures names."),
    "a tile beyond the tree": (_tile, "2 tiles with {twice} bytes are stored, but the tree has 1 with {once}."),
    "a tile that is too long": (
        _longer_tile,
        "1 tiles with {longer} bytes are stored, but the tree has 1 with {once}.",
    ),
    "a leaf of another log": (_leaf, "The table leaf has rows of a log that no organisation has."),
    "no version of the catalogue": (
        lambda _: delete(t.catalogue_version),
        "The catalogue has no version, by which services notice that it changed.",
    ),
}


@pytest.mark.parametrize("name", SLIPPED_IN)
def test_a_row_that_should_not_be_there_is_named(log: RunningService, name: str) -> None:
    """Also one that the service passes over, or would not start on."""
    hand, expected = SLIPPED_IN[name]
    once = 32 * len(leaves(log.home))
    change(log.home, hand(log.home))

    assert [expected.format(once=once, twice=2 * once, longer=once + 32)] == said(verified(log.home))


def test_a_log_without_its_head_is_a_finding(log: RunningService) -> None:
    """Whoever takes the row away takes all that was signed for."""
    change(log.home, delete(t.head).where(t.head.c.log_id == 1))
    count = len(leaves(log.home))

    assert f"The head says 0 entries, but {count} leaves are stored." in said(verified(log.home))


def test_a_hold_of_a_person_that_is_made_one_of_two_is_named(log: RunningService) -> None:
    """It would keep somebody else's answers from being forgotten as well."""
    hold = use(log)["person"]
    change(log.home, update(t.hold).where(t.hold.c.hold_id == UUID(hold).bytes).values(account="A" * 43))
    (finding,) = said(verified(log.home))

    assert finding.endswith(f"the hold {hold} has another person than was said last")


def _unbound(home: Home, statement: str) -> None:
    """Run a statement past the foreign keys, as whoever owns a database can."""
    if home.settings.on_sqlite:
        # By itself the driver keeps to none.
        with contextlib.closing(sqlite3.connect(home.place.engine.url.database or "")) as driver, driver:
            assert driver.execute(statement).rowcount == 1
        return
    with home.place.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(statement)).rowcount == 1


def test_a_policy_that_was_moved_to_another_log_is_named(log: RunningService) -> None:
    """In both, and no service starts on it."""
    home = log.home
    _unbound(home, "UPDATE policy SET log_id = 2 WHERE log_id = 1 AND site_key = 'demo0001'")

    assert any("of site demo0001 that it announced is missing or was altered" in one for one in said(verified(home)))
    with pytest.raises(ConfigurationFault, match="policy 1 of site demo0001 is not what was published"):
        index(home.place.catalogue.snapshot())


def test_a_site_of_no_organisation_is_named(log: RunningService) -> None:
    """It is missing where it was announced, and no service starts on it."""
    home = log.home
    _unbound(home, "UPDATE site SET log_id = 7 WHERE site_key = 'shop0001'")
    found = said(verified(home))

    assert any("the site shop0001 that it speaks of is missing" in one for one in found)
    assert "The table site has rows of a log that no organisation has." in found
    with pytest.raises(ConfigurationFault, match="site shop0001 is not what was published"):
        index(home.place.catalogue.snapshot())
