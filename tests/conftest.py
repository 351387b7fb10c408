"""What every test stands on: a closed network, a clock that stands still, and homes of the service."""

import contextlib
import functools
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from askfirst import output, site_scripts
from askfirst.storage import engine, staff_passwords
from askfirst.storage.engine import open_engine
from askfirst.storage.migrating import migrate
from support.altered_log import begin_log
from support.buckets import Buckets, run_buckets
from support.closed_network import close_network
from support.cluster import Cluster, start_cluster
from support.command_line import CommandLine
from support.compiled import sharing_compiled
from support.databases import DATABASES
from support.places import Home, found, furnish, open_home, settings_of
from support.running_service import RunningService, run_service
from support.served import Served, serve
from support.time_and_ids import DAY, NOON, CountedRandomness, HandClock

settings.register_profile("askfirst", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("askfirst")


@pytest.fixture(autouse=True, scope="session")
def _closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        close_network(patch)
        yield


@pytest.fixture(autouse=True, scope="session")
def _each_script_compressed_once() -> Iterator[None]:
    """Compressing is a pure function of a script's text, and would be most of the time of every service's start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_scripts, "script", functools.cache(site_scripts.script))
        yield


@pytest.fixture(autouse=True, scope="session")
def _each_statement_compiled_once() -> Iterator[None]:
    """An engine keeps what it compiled to itself, and nearly every test has engines of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "create_engine", sharing_compiled(engine.create_engine))
        yield


@pytest.fixture(autouse=True, scope="session")
def _commands_say_nothing_by_the_clock() -> Iterator[None]:
    """On a busy machine any of them may take the two seconds after which it says that it goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "QUIET_S", 60.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def _passwords_are_hashed_fast() -> Iterator[None]:
    """The recommended parameters take 64 MiB and a tenth of a second for each hash; one test holds them."""
    with pytest.MonkeyPatch.context() as patch:
        fast = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(staff_passwords, "PasswordHasher", lambda: fast)
        yield


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that stands at noon of 2026-06-15."""
    return HandClock()


@pytest.fixture
def random() -> CountedRandomness:
    """Give ids and salts in order."""
    return CountedRandomness()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a real PostgreSQL that only this session uses."""
    with start_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def furnished_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home folder with two organisations; it is copied, never worked in."""
    return _furnished(tmp_path_factory.mktemp("furnished") / "home")


@pytest.fixture(scope="session")
def furnished_database(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give the same in PostgreSQL: the folder of its keys, and the database; both are copied, never worked in."""
    with cluster.database() as name:
        yield _furnished(tmp_path_factory.mktemp("furnished") / "home", database_url=cluster.url(name)), name


def _furnished(folder: Path, **changes: str) -> Path:
    home = open_home(settings_of(folder, **changes), HandClock(NOON - DAY), CountedRandomness("furnished"))
    furnish(home.place)
    home.close()
    return folder


def pytest_collection_finish() -> None:
    """Leave what all tests stand on out of every collection of garbage; each would look through it."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `each_database` on each of them; everything else runs on SQLite."""
    if metafunc.definition.get_closest_marker("each_database") and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", DATABASES, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Say which database `home` stands on."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def home(
    request: pytest.FixtureRequest, database: str, tmp_path: Path, clock: HandClock, random: CountedRandomness
) -> Iterator[Home]:
    """Give a home of its own with two organisations, their sites and policies."""
    with contextlib.ExitStack() as stack:
        changes = {}
        if database == "postgresql":
            folder, template = request.getfixturevalue("furnished_database")
            cluster = request.getfixturevalue("cluster")
            changes["database_url"] = cluster.url(stack.enter_context(cluster.database(template)))
        else:
            folder = request.getfixturevalue("furnished_folder")
        shutil.copytree(folder, tmp_path / "home")
        opened = open_home(settings_of(tmp_path / "home", **changes), clock, random)
        stack.callback(opened.close)
        yield opened


@pytest.fixture
def service(home: Home) -> Iterator[RunningService]:
    """Give a running service of its own."""
    with run_service(home) as running:
        yield running


@pytest.fixture
def served(home: Home) -> Iterator[Served]:
    """Give a service on a real socket."""
    with serve(home) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_database(cluster: Cluster) -> Iterator[str]:
    """Give a PostgreSQL database with the schema and nothing in it; it is copied, never worked in."""
    with cluster.database() as name:
        engine = open_engine(cluster.url(name))
        migrate(engine)
        engine.dispose()
        yield name


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database of each kind; a PostgreSQL one has its schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'data' / 'askfirst.sqlite'}"
        return
    cluster = request.getfixturevalue("cluster")
    with cluster.database(request.getfixturevalue("migrated_database")) as name:
        yield cluster.url(name)


@pytest.fixture
def store(database_url: str, tmp_path: Path, clock: HandClock, random: CountedRandomness) -> Iterator[Home]:
    """Give a migrated database of each kind, with one organisation whose log is 1."""
    opened = open_home(settings_of(tmp_path / "home", database_url=database_url), clock, random)
    found(opened.place)
    yield opened
    opened.close()


@pytest.fixture
def log(service: RunningService) -> RunningService:
    """Give a service whose log 1 holds decisions under two checkpoints, the last three entries being decisions."""
    return begin_log(service)


@pytest.fixture(scope="session")
def shared_service(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Give one running service to all tests that only read, or whose requests are refused."""
    folder = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(furnished_folder, folder)
    opened = open_home(settings_of(folder), HandClock(), CountedRandomness("shared"))
    with run_service(opened) as running:
        running.settle()
        yield running
    opened.close()


@pytest.fixture(scope="session")
def buckets() -> Iterator[Buckets]:
    """Give a process that speaks S3."""
    with run_buckets() as running:
        yield running


@pytest.fixture
def askfirst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Give the command line on a home folder that does not exist yet."""
    return CommandLine(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture
def furnished_askfirst(askfirst: CommandLine, home: Home) -> CommandLine:
    """Give the command line on a home with two organisations, their sites and policies."""
    assert askfirst.home == home.settings.home
    return askfirst
