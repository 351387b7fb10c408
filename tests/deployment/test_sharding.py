"""The tables as a sharded PostgreSQL asks for them: what grows has its log in front of every key."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Table, UniqueConstraint

from askfirst.storage.tables import metadata

PAGE = Path(__file__).parents[2] / "service" / "docs" / "scaling.md"
TABLES = {table.name: table for table in metadata.sorted_tables}


def _called(kind: str) -> list[str]:
    return re.findall(rf"SELECT create_{kind}_table\('(\w+)'", PAGE.read_text(encoding="utf-8"))


def _keys(table: Table) -> list[list[str]]:
    """Return the columns of each primary and unique key, in order."""
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [[column.name for column in index.columns] for index in table.indexes if index.unique]
    return [[column.name for column in one.columns] for one in (table.primary_key, *unique)] + indexes


def test_the_docs_name_every_table_once() -> None:
    """With the calls that distribute it, or keep a copy of it on each node."""
    assert sorted(TABLES) == sorted(_called("reference") + _called("distributed"))


@pytest.mark.parametrize("name", _called("distributed"))
def test_what_is_distributed_has_its_log_in_front_of_every_key(name: str) -> None:
    """And refers to nothing but tables that are on every node."""
    table = TABLES[name]

    assert ["log_id"] * len(_keys(table)) == [columns[0] for columns in _keys(table)]
    assert {one.referred_table.name for one in table.foreign_key_constraints} <= set(_called("reference"))


def test_what_visitors_make_grow_is_distributed() -> None:
    """Nothing that a decision writes stands on every node."""
    written = {"entry", "record", "decision_seen", "pending", "leaf", "tile", "rollup", "tombstone", "checkpoint"}

    assert written <= set(_called("distributed"))
