"""A command begins quickly: it reads what it needs, and none of what other commands need."""

import subprocess
import sys
from importlib.metadata import version

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_group

from askfirst.cli import app

_READ = """
import sys
from askfirst.cli import app
try:
    app(sys.argv[1:])
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), sep="\\n", file=sys.stderr)
"""


def read_by(*words: str) -> set[str]:
    """Return the names of the packages that a process has read when this command is done."""
    done = subprocess.run([sys.executable, "-c", _READ, *words], capture_output=True, text=True, check=False)
    return set(done.stderr.splitlines())


@pytest.mark.parametrize(
    ("words", "needless"),
    [
        ("nosuch", {"sqlalchemy", "pydantic_settings", "askfirst_sdk"}),
        ("new-secret --help", {"sqlalchemy", "pydantic_settings", "askfirst_sdk"}),
        ("ledger verify --help", {"alembic", "starlette", "uvicorn", "httpx", "jinja2", "pyarrow"}),
        ("staff list --help", {"alembic", "starlette", "uvicorn", "httpx", "jinja2", "pyarrow"}),
        ("serve --help", {"alembic", "authlib", "joserfc", "httpx", "pyarrow", "opentelemetry"}),
    ],
)
def test_a_command_reads_no_library_of_others(words: str, needless: set[str]) -> None:
    """To read them all took three times as long as to verify a small ledger."""
    read = read_by(*words.split())

    assert "typer" in read
    assert set() == needless & read


def test_the_command_says_its_version() -> None:
    """Without a home folder, and as the package says it."""
    done = subprocess.run(
        [sys.executable, "-c", "from askfirst.cli import main; main()", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env={"ASKFIRST_HOME": "/nowhere"},
    )

    assert f"askfirst {version('askfirst')}\n" == done.stdout


def test_every_name_leads_to_its_command() -> None:
    """The table of commands names modules by text: each has the command, or the group, that stands there."""
    root = get_group(app)
    found = {name: root.get_command(typer.Context(root), name) for name in root.commands}

    assert list(found) == [one.name for one in found.values() if one]
    assert all(one.commands for one in found.values() if isinstance(one, TyperGroup))
