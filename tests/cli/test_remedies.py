"""What the command line says where a file or the database can not be written to: what is wrong, and what helps."""

import errno
import os

import pytest
from sqlalchemy import text, update

from askfirst.cli.remedies import told
from askfirst.storage import tables as t
from support.altered_log import change
from support.command_line import CommandLine
from support.places import Home


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "Make room on its disk and try again."),
        (errno.EROFS, "Its file system is mounted read-only: mount it for writing and try again."),
        (errno.ENOTDIR, "A file stands where a folder goes: name another place and try again."),
        (errno.EISDIR, "A folder stands where a file goes: name another place and try again."),
    ],
)
@pytest.mark.parametrize("name", ["mirror", None], ids=["with its name", "while it is written"])
def test_a_file_that_can_not_be_used_is_told_with_what_helps(number: int, name: str | None, expected: str) -> None:
    """Also where the system does not say which one: it was open already."""
    said = told(OSError(number, os.strerror(number), name))

    assert said == f"{name or 'A file'} can not be used: {os.strerror(number)}. {expected}"


@pytest.fixture
def unwritable(home: Home) -> Home:
    """Give a home whose database takes no entry any more."""
    refusing = (
        "CREATE TRIGGER no_entry BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    change(home, update(t.organisation).where(t.organisation.c.log_id == 1).values(created_at=1))
    with home.place.engine.begin() as connection:
        connection.execute(text(refusing))
    return home


def test_what_a_verification_found_is_said_also_where_it_can_not_be_kept(
    furnished_askfirst: CommandLine, unwritable: Home
) -> None:
    """On a full disk, or on a copy that may only be read, it would be lost otherwise."""
    assert unwritable.organisation().log_id == 1
    said = furnished_askfirst("ledger", "verify", "--organisation", "example")

    assert "The organisation example has another created_at than was said last" in said.out
    assert "NOT genuine: " in said.out
    assert (1, "The database can not be used: database or disk is full.") == (said.code, said.err[:55])
