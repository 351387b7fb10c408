"""`askfirst backup` finds the database by every address that the service finds it by."""

import os
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from support.cluster import POSTGRES_BIN_PATH
from support.command_line import CommandLine
from support.places import Home

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_the_addresses_of_a_pool_and_of_several_hosts_lead_to_a_backup(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own programs know neither `prepare_threshold` nor SQLAlchemy's way to name several hosts."""
    monkeypatch.setenv("PATH", f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}")
    url = make_url(home.settings.database)
    folder = str(url.query["host"])
    pool = url.update_query_dict({"prepare_threshold": "none"})
    hosts = url.set(query={"host": (f"{folder}:5432", f"{folder}:5432"), "target_session_attrs": "read-write"})
    for name, one in (("pool", pool), ("hosts", hosts)):
        named = one.render_as_string(hide_password=False)
        assert "entries hold." in furnished_askfirst.does("backup", str(tmp_path / name), DATABASE_URL=named)
