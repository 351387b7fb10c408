"""A service over two databases: the organisations `north` and `south`, each with one site."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from askfirst.databases import Database, read_databases
from askfirst.node import Node
from askfirst.settings import Settings
from askfirst.several import SeveralDatabases
from askfirst.usecases.set_up import add_site
from support.cluster import Cluster
from support.places import PAGE, Home, found, open_home, publish, settings_of
from support.running_service import RunningService
from support.time_and_ids import CountedRandomness, HandClock

NORTH, SOUTH = "north0001", "south0001"


@dataclass(frozen=True, slots=True)
class Two:
    """The homes of both databases, and the settings of the service over them."""

    settings: Settings
    north: Home
    south: Home
    clock: HandClock
    databases: tuple[str, ...]  # names of those on PostgreSQL

    @property
    def homes(self) -> dict[str, Home]:
        """Both homes by their database's name."""
        return {"north": self.north, "south": self.south}

    def read(self) -> tuple[Database, ...]:
        """Return both databases of the directory."""
        return read_databases(self.settings)

    def open_node(self, one: Database) -> Node:
        """Open a node on one of them, as the service does."""
        home = self.homes[one.name]
        return Node(one.settings, clock=home.clock, random=home.random, name=one.name, organisations=one.organisations)

    @contextmanager
    def run(self) -> Iterator[dict[str, RunningService]]:
        """Run the service, and give its callers: those of north and those of south, at the same addresses."""
        app = SeveralDatabases(self.read(), self.open_node, self.settings)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.lifespan()):
            callers = {
                part.database.name: RunningService(self.homes[part.database.name], part.node, app, portal, number)  # type: ignore[arg-type]
                for number, part in enumerate(app.parts)
            }
            try:
                yield callers
            finally:
                for caller in callers.values():
                    caller.close_client()


def write_directory(folder: Path, **urls: str) -> Path:
    """Write a directory that has each organisation in a database of its name; an empty URL is its SQLite file."""
    file = folder / "directory.toml"
    file.write_text(
        "".join(f'[{name}]\norganisations = ["{name}"]\ndatabase_url = "{url}"\n\n' for name, url in urls.items())
    )
    return file


@contextmanager
def two_databases(folder: Path, kinds: Sequence[str], cluster: Cluster | None, clock: HandClock) -> Iterator[Two]:
    """Make both, of these kinds."""
    with ExitStack() as stack:
        names, urls = [], {}
        for organisation, kind in zip(("north", "south"), kinds, strict=True):
            urls[organisation] = ""
            if kind == "postgresql":
                assert cluster is not None
                names.append(stack.enter_context(cluster.database()))
                urls[organisation] = cluster.url(names[-1])
        settings = settings_of(folder / "service", directory=write_directory(folder, **urls))
        homes = {}
        for one in read_databases(settings):
            home = open_home(one.settings, clock, CountedRandomness(one.name))
            stack.callback(home.close)
            organisation = found(home.place, one.name)
            key = f"{one.name}0001"
            add_site(home.place.catalogue, organisation, site_key=key, name=key, origins=(PAGE,), by=home.place.by)
            publish(home.place, key)
            homes[one.name] = home
        yield Two(settings, homes["north"], homes["south"], clock, tuple(names))
