"""Databases that earlier versions left, with everything in them: they come up to this version's schema, and still hold.

Each folder of `released` is named by the schema that its dumps were made with: two organisations, a policy each, a
member of staff, answers of every kind under two receipt keys, one of them forgotten since; from 0008 on also an answer
that is tied to an account, a hold, a webhook and a draft, from 0009 an alert, from 0010 shared limits. The
alert was put there by hand, without the entry that announces one, and verification says so. Never make the dumps anew:
that is their point.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from askfirst.core.errors import ConfigurationFault, SchemaMismatch
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.engine import open_engine
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.migrating import migrate
from askfirst.storage.schema import current_revision, require_schema
from askfirst.storage.tables import metadata
from askfirst.usecases.directory import index
from askfirst.usecases.verify_ledger import verify_ledger
from support.cluster import Cluster
from support.databases import DATABASES
from support.table_rows import row_counts

RELEASED = Path(__file__).with_name("released")
ALERT = "The alert 00000000-0000-0000-0000-000000000009 was never announced by an entry."
SCHEMAS = sorted(folder.name for folder in RELEASED.iterdir())


def _loaded(request: pytest.FixtureRequest, folder: Path, kind: str, tmp_path: Path) -> str:
    script = (folder / f"{kind}.sql").read_text(encoding="utf-8")
    if kind == "sqlite":
        path = tmp_path / "old.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        return f"sqlite:///{path}"
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"old_{folder.name}"
    cluster.run(f"DROP DATABASE IF EXISTS {name}")
    cluster.run(f"CREATE DATABASE {name}")
    with psycopg.connect(f"host={cluster.folder} user=postgres dbname={name}", autocommit=True) as connection:
        connection.execute(script.encode())
    return cluster.url(name)


def _holds(engine: Engine, anchors: dict[int, str], by_hand: list[str]) -> None:
    catalogue, ledger = SqlCatalogue(engine), SqlLedger(engine)
    for organisation in catalogue.snapshot().organisations:
        log_id = organisation.log_id
        result = verify_ledger(lambda: index(catalogue.snapshot()), ledger, log_id, anchor=anchors.get(log_id))
        said = [finding.said for finding in result.findings]
        assert (by_hand if log_id == 1 else [], 0) == (said, result.waiting), organisation.slug
        assert result.size > 0
        assert result.erased == (1 if log_id == 1 else 0)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_database_of_an_earlier_version_comes_up_with_all_its_data(
    request: pytest.FixtureRequest, tmp_path: Path, schema: str, kind: str
) -> None:
    """It is refused until it is migrated; then no row is missing, the tables are this version's, and each log holds."""
    folder = RELEASED / schema
    anchors = {int(one.stem[-1]): one.read_text() for one in folder.glob(f"{kind}.log-*.checkpoint")}
    engine = open_engine(_loaded(request, folder, kind, tmp_path))
    try:
        before = {table: count for table, count in row_counts(engine).items() if count}
        with pytest.raises(SchemaMismatch, match="run: askfirst migrate"):
            require_schema(engine)
        migrate(engine)
        require_schema(engine)
        after = row_counts(engine)
        with engine.connect() as connection:
            differences = compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}), metadata
            )

        # 0013 counts by one thing more.
        assert after.pop("rollup") >= before.pop("rollup")
        assert {table: after[table] for table in before} == before
        assert [] == differences
        _holds(engine, anchors, [ALERT] if schema >= "0009" else [])
    finally:
        engine.dispose()


def test_a_database_whose_rows_do_not_fit_together_is_left_as_it_was(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A migration makes no table anew over what was torn by hand before it."""
    engine = open_engine(_loaded(request, RELEASED / "0003", "sqlite", tmp_path))
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.execute("DELETE FROM site WHERE site_key = 'shop0001'")
        connection.commit()
    try:
        with pytest.raises(ConfigurationFault, match="has rows in policy that belong to none in site"):
            migrate(engine)
        assert "0003" == current_revision(engine)
    finally:
        engine.dispose()
