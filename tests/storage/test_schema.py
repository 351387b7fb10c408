"""The schema: what the migrations make is what the code expects, and another one is refused with its remedy."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from askfirst.core.errors import SchemaMismatch
from askfirst.storage.engine import open_engine
from askfirst.storage.migrating import alembic_config, migrate
from askfirst.storage.schema import current_revision, expected_revision, require_schema, revisions
from askfirst.storage.tables import metadata
from support.places import Home
from support.table_rows import row_counts


def test_the_migrations_make_the_tables_of_the_code(store: Home) -> None:
    """Alembic finds no difference between a migrated database and the tables' metadata."""
    with store.place.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert [] == found


def test_the_files_say_which_migration_is_the_newest() -> None:
    """What is read off the names of the files is the chain that Alembic follows."""
    chain = ScriptDirectory.from_config(alembic_config()).walk_revisions()

    assert [script.revision for script in chain] == list(revisions())


def test_migrating_again_changes_nothing(store: Home) -> None:
    """A database of this version is left as it is."""
    before = row_counts(store.place.engine)
    migrate(store.place.engine)

    assert before == row_counts(store.place.engine)
    assert expected_revision() == current_revision(store.place.engine)


def test_an_empty_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """Nothing works on a database without a schema; the sentence says which command makes it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(SchemaMismatch, match=r"has no schema yet.*run: askfirst migrate"):
        require_schema(engine)
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused(store: Home) -> None:
    """Neither the service nor its migration touches what it does not understand, and nobody is sent in a circle."""
    with store.place.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (require_schema, migrate):
        with pytest.raises(SchemaMismatch, match="made by a newer version of Askfirst") as refused:
            use(store.place.engine)
        assert "askfirst migrate" not in str(refused.value)
        assert str(refused.value).endswith("Install that version again, or restore a backup from before")
