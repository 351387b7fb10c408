"""Copies of a whole database: made while it is in use, and put back where there is none yet."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import inspect, make_url
from sqlalchemy.engine import URL

from askfirst.core.errors import ConfigurationFault
from askfirst.storage.engine import open_engine, postgres_arguments
from askfirst.storage.folders import sync_folder

# Is told how far something has come, and of how much; 0 where nobody knows.
Advance = Callable[[int, int], None]

_SQLITE_HEAD = b"SQLite format 3\x00"
_DUMP_HEAD = b"PGDMP"
_PART = 1 << 20  # bytes of a file that are copied between two looks
_LOOK_S = 0.2
_STEPS = 50_000  # of SQLite's virtual machine between two looks at how far a copy has come


def write_backup(database: str, target: Path, advance: Advance) -> str:
    """Write a copy of the database at `database` (an SQLAlchemy URL) to a new file, and return its SHA-256 in hex.

    The copy is of one moment, and nobody has to wait for it. The file is readable by its owner alone and has its name
    only once it is whole and on the disk. Raises ConfigurationFault where the file is there already or the copy failed.
    """
    if target.exists():
        raise ConfigurationFault([(str(target), "is there already, and a backup never overwrites anything")])
    url = make_url(database)
    with _in_one_step(target) as partial:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(url.database or ""), partial, advance)
        else:
            _dump(url, partial, advance)
    return file_digest(target)


def restore_backup(source: Path, database: str, advance: Advance) -> None:
    """Put a backup in the place of a database that does not exist, or is empty.

    Raises ConfigurationFault where there is something already, or the file is no backup for this kind of database.
    """
    url = make_url(database)
    on_sqlite = url.get_backend_name() == "sqlite"
    _require_head(source, _SQLITE_HEAD if on_sqlite else _DUMP_HEAD, "SQLite" if on_sqlite else "PostgreSQL")
    _require_nothing(url)
    if not on_sqlite:
        _read_back(url, source, advance)
        return
    target = Path(url.database or "")
    with _in_one_step(target) as partial:
        _copy_file(source, partial, advance)
        with closing(sqlite3.connect(partial)) as copy:
            _require_sound(copy, source)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_sqlite(source: Path, target: Path, advance: Advance) -> None:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = pages * connection.execute("PRAGMA page_size").fetchone()[0]

        def look() -> int:
            advance(min(target.stat().st_size, size), size)
            return 0

        connection.set_progress_handler(look, _STEPS)
        # One read transaction, which in WAL mode hinders nobody. A copy in steps would begin anew with each commit.
        connection.execute("VACUUM INTO ?", (str(target),))
    advance(size, size)


def _require_sound(copy: sqlite3.Connection, source: Path) -> None:
    try:
        ((said, *_),) = copy.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise ConfigurationFault([(str(source), f"is damaged: {said}")])


def _require_head(source: Path, head: bytes, kind: str) -> None:
    try:
        with source.open("rb") as file:
            found = file.read(len(head))
    except OSError as error:
        raise ConfigurationFault([(str(source), f"can not be read: {error.strerror}")]) from None
    if found != head:
        raise ConfigurationFault([(str(source), f"is no backup of a database on {kind}, which the settings name")])


def _require_nothing(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        for path in (Path(f"{url.database}{ending}") for ending in ("", "-wal", "-shm")):
            if path.exists():
                raise ConfigurationFault([(str(path), "is there already; move it away first, and keep it")])
        return
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        if inspect(engine).get_table_names():
            said = "names a database that is not empty; make a new one, and keep the other"
            raise ConfigurationFault([("ASKFIRST_DATABASE_URL", said)])
    finally:
        engine.dispose()


@contextmanager
def _in_one_step(target: Path) -> Iterator[Path]:
    """Give the name of a new, private, empty file, which gets its real name once the block has filled it."""
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _copy_file(source: Path, target: Path, advance: Advance) -> None:
    size, done = source.stat().st_size, 0
    with source.open("rb") as given, target.open("wb") as written:
        while part := given.read(_PART):
            written.write(part)
            done += len(part)
            advance(min(done, size), size)


def _dump(url: URL, target: Path, advance: Advance) -> None:
    """Dump the database at `url`. How long a dump is going to be, nobody knows before."""
    arguments = ("--format=custom", "--no-unlogged-table-data", f"--file={target}")
    _tool("pg_dump", url, arguments, lambda: advance(target.stat().st_size, 0))


def _read_back(url: URL, source: Path, advance: Advance) -> None:
    """Restore a dump. It is the program's standard input, so that both share one place in the file."""
    size = source.stat().st_size
    arguments = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    with source.open("rb") as given:
        place = given.fileno()
        _tool("pg_restore", url, arguments, lambda: advance(os.lseek(place, 0, os.SEEK_CUR), size), given=place)
    advance(size, size)


def _tool(name: str, url: URL, arguments: Sequence[str], look: Callable[[], None], *, given: int | None = None) -> None:
    """Run one of PostgreSQL's own programs on the database at `url`, and look a few times a second how far it is.

    Its password goes by the environment; `given` is a file that it reads.
    """
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - an extra, which SQLite does without

    path = shutil.which(name)
    if path is None:
        said = "is not on the path; it comes with PostgreSQL's client programs (Debian: postgresql-client)"
        raise ConfigurationFault([(name, said)])
    # As the driver takes them: several hosts in one, and nothing that only the driver knows.
    given_to_driver = postgres_arguments(url.set(password=None))
    plain = make_conninfo(**{key: value for key, value in given_to_driver.items() if key != "prepare_threshold"})
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    with (
        tempfile.TemporaryFile() as said_file,
        subprocess.Popen(  # noqa: S603 - no shell, and a program from the path
            [path, f"--dbname={plain}", *arguments],
            env={**os.environ, **password},
            stdin=subprocess.DEVNULL if given is None else given,
            stdout=subprocess.DEVNULL,
            stderr=said_file,
        ) as process,
    ):
        try:
            while process.poll() is None:
                look()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
        except BaseException:
            process.terminate()  # whoever ends the command ends what it began
            raise
        said_file.seek(0)
        lines = said_file.read().decode(errors="replace").strip().splitlines()
    if process.returncode:
        told = lines[0] if lines else f"it ended with code {process.returncode}"
        raise ConfigurationFault([(name, told.removeprefix(f"{name}: "))])
