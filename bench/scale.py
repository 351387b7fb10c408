"""What a decision and a look-up cost when 10^4, 10^5 and 10^6 records are stored: `make bench-scale`.

Each size is measured beside an empty service on the same core, in turn, so that what else the machine does meets both.
Beyond a million, `--filled 10000000 --place FOLDER` measures a PostgreSQL whose records the generator made; it stays in
that folder, and a later run fills up what is missing. What each run finds stands in scale.json, which page and plot are made from.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from askfirst.storage.engine import open_engine
from askfirst.storage.tables import head, pending, record
from bench import machine
from bench.generator import generate, settle
from bench.load import Load, wrk
from bench.row import Row, Section
from bench.servers import Home, Service, home, postgresql
from bench.service import posting

RESULTS = Path(__file__).with_name("SCALE.md")
FOUND = Path(__file__).with_name("scale.json")
PLOT = Path(__file__).with_name("scale.svg")
SECONDS = 4
ROUNDS = 5
_STEP_S = 20  # a stretch of growing that is not measured
_KB = 1024
_HOW = {
    "grown": f"Decisions come over HTTP until as many are stored; then {ROUNDS} runs of {SECONDS} s in turn with a service whose database is empty, on the same core, wrk on the "
    "other. Look-ups are `GET /api/v1/records?consent_id=…` with a token, searches a page of one method's newest 50; each leaves its entry in the ledger. Memory is what "
    "the process holds (VmRSS) after it has taken all these decisions itself; after a restart it is that of a new process, and the system has forgotten all files.",
    "filled": "The generator made these records, checked, sealed, signed and sequenced as the service does it, over the 180 days before it ran. Then the service was started, the system having "
    "forgotten all files, and measured as above.",
}


@dataclass(frozen=True)
class Point:
    """One size: rates beside the empty service's, and what the process holds in memory."""

    records: int
    decisions: float
    empty: float
    lookups: float
    searches: float
    memory_mb: float

    @property
    def share(self) -> float:
        """The rate of decisions, of the empty service's in the same minutes."""
        return self.decisions / self.empty


def measure_growing(largest: int) -> None:
    """Measure each database as it grows, and keep what was found."""
    for name, url in _databases():
        load, when = machine.load(), datetime.now(UTC)
        warm, restarted = _curve(url, largest)
        _keep("grown", name, when, load, [*(("warm", point) for point in warm), ("after a restart", restarted)])


def measure_filled(records: int, place: Path) -> None:
    """Measure a PostgreSQL in a folder with so many generated records, and keep what was found."""
    with postgresql(kept=place) as url, home(url, place) as made:
        missing = records - _stored(made.database)
        if missing > 0:
            generate(made.settings, missing, advance=_said)
            settle(made.database)
        load, when = machine.load(), datetime.now(UTC)
        token = made.run("token", "issue", "bench").split()[-1]
        _forget_pages()
        with made.serving() as (running, pid):
            point = _point(made, url, running, pid, token)
    _keep("filled", "PostgreSQL", when, load, [("after a restart", point)])


def _keep(way: str, name: str, when: datetime, load: str, points: list[tuple[str, Point]]) -> None:
    found = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    head = machine.description(when, load, "make bench-scale")
    rows = [{"when": state, **asdict(point)} for state, point in points]
    found.setdefault(way, {})[name] = {
        "measured": f"{when:%Y-%m-%d} from {when:%H:%M} UTC; load before it {load}",
        "points": rows,
    }
    found["head"] = head
    FOUND.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def write() -> None:
    """Make page and plot of what was found."""
    found = json.loads(FOUND.read_text(encoding="utf-8"))
    words = ["# Scale", "", *found["head"], ""]
    curves: dict[str, list[Point]] = {}
    for way, title in (("grown", "Growing"), ("filled", "Filled by the generator")):
        rows, times = [], []
        for name, run in found.get(way, {}).items():
            times.append(f"{name} was measured on {run['measured']}.")
            for one in run["points"]:
                point = Point(**{key: value for key, value in one.items() if key != "when"})
                rows.append(_row(name, point, one["when"]))
                if one["when"] == "warm" or way == "filled":
                    curves.setdefault(name, []).append(point)
        if rows:
            words += [str(Section(title, _HOW[way], rows)), *times, ""]
    _draw(curves)
    words += ["![Cost of a decision and of a query](scale.svg)", ""]
    RESULTS.write_text("\n".join(words), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _said(done: int, of: int) -> None:
    if done % 200_192 == 0:
        print(f"{done:,} of {of:,}", flush=True)


def _row(name: str, point: Point, when: str) -> Row:
    return Row(
        f"{name}, {point.records:,} records, {when}",
        f"{point.decisions:,.0f} decisions/s, {point.share:.0%} of it; {point.lookups:,.0f} look-ups/s, "
        f"{point.searches:,.0f} searches/s; {point.memory_mb:,.0f} MB",
        f"{point.empty:,.0f} decisions/s with an empty database",
        "at least 90 % of empty",
        point.share >= 0.9,
    )


def _databases() -> Iterator[tuple[str, str]]:
    yield "SQLite", ""
    with postgresql() as url:
        yield "PostgreSQL", url


@contextmanager
def _empty(url: str) -> Iterator[Service]:
    """Serve an empty database of the same kind; on PostgreSQL a server of its own."""
    if not url:
        with home() as made, made.serving() as (running, _):
            yield running
        return
    with postgresql() as other, home(other) as made, made.serving() as (running, _):
        yield running


def _curve(url: str, largest: int) -> tuple[list[Point], Point]:
    points = []
    with home(url) as made:
        token = made.run("token", "issue", "bench").split()[-1]
        with made.serving() as (running, pid):
            size = 10_000
            while size <= largest:
                _grow(running, size)
                points.append(_point(made, url, running, pid, token))
                print(points[-1], flush=True)
                size *= 10
        _forget_pages()
        with made.serving() as (running, pid):
            restarted = _point(made, url, running, pid, token)
        print("restarted", restarted, flush=True)
    return points, restarted


def _grow(grown: Service, size: int) -> None:
    """Send decisions until `size` are stored."""
    while (missing := size - _stored(grown.database)) > 0:
        seconds = max(1, min(_STEP_S, missing // 4000))
        wrk(f"{grown.url}/d/bench", seconds, script="decide.lua", **posting(grown, 0))


def _point(made: Home, url: str, grown: Service, pid: int, token: str) -> Point:
    size = _stored(grown.database)
    ours: list[Load] = []
    empty: list[Load] = []
    with _empty(url) as other:
        for number in range(ROUNDS):
            ours.append(wrk(f"{grown.url}/d/bench", SECONDS, script="decide.lua", **posting(grown, number)))
            empty.append(wrk(f"{other.url}/d/bench", SECONDS, script="decide.lua", **posting(other, number)))
            time.sleep(1)  # what still waits is sequenced and signed in this time, and not in the next one's
    bearer = f"Authorization: Bearer {token}"
    subject = _some_subject(made.database)
    lookups = wrk(f"{grown.url}/api/v1/records?consent_id={subject}", SECONDS, bearer)
    searches = wrk(f"{grown.url}/api/v1/records?method=accept_all&limit=50", SECONDS, bearer)
    return Point(
        size,
        median(load.rate for load in ours),
        median(load.rate for load in empty),
        lookups.rate,
        searches.rate,
        _memory_mb(pid),
    )


def _stored(database: str) -> int:
    """Return how many records stand in the database, by the position of the newest in the ledger: a count takes long."""
    engine = open_engine(database)
    with engine.connect() as connection:
        sequenced = connection.execute(select(head.c.size)).scalar_one_or_none() or 0
        waiting = connection.execute(select(func.count()).select_from(pending)).scalar_one()
    engine.dispose()
    return int(sequenced + waiting)


def _some_subject(database: str) -> str:
    engine = open_engine(database)
    with engine.connect() as connection:
        found = connection.execute(select(record.c.subject).where(record.c.subject.is_not(None)).limit(1)).scalar_one()
    engine.dispose()
    return str(found)


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KB
    raise RuntimeError("the system does not tell a process's memory")


def _forget_pages() -> None:
    """Have the system drop what it holds of files, where this user may; a restart of the machine would."""
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    except OSError:
        print("The files stay in the system's memory: to drop them needs root.")


def _draw(curves: dict[str, list[Point]]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "askfirst"
    from matplotlib import pyplot

    figure, (cost, reading) = pyplot.subplots(1, 2, figsize=(9, 3.6), sharex=True)
    for name, points in curves.items():
        sizes = [point.records for point in points]
        (line,) = cost.plot(sizes, [1e6 / point.decisions for point in points], marker="o", label=name)
        cost.plot(
            sizes,
            [1e6 / point.empty for point in points],
            linestyle=":",
            color=line.get_color(),
            label=f"{name}, empty, same minutes",
        )
        reading.plot(sizes, [1e6 / point.lookups for point in points], marker="o", label=f"{name}, look-up")
        reading.plot(
            sizes,
            [1e6 / point.searches for point in points],
            marker="s",
            linestyle="--",
            label=f"{name}, search",
        )
    for axes, title in ((cost, "A decision"), (reading, "A query, with its ledger entry")):
        axes.set(xscale="log", title=title, xlabel="records stored", ylabel="µs each, at full load")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small", frameon=False)
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Measure, and write SCALE.md with its plot."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument(
        "--largest", type=int, default=1_000_000, help="the last size; each is ten times the one before"
    )
    parser.add_argument("--filled", type=int, help="measure this many generated records on PostgreSQL instead")
    parser.add_argument("--place", type=Path, help="the folder where these are kept")
    given = parser.parse_args()
    if missing := machine.missing(["service"]):
        raise SystemExit("\n".join(missing))
    if given.filled is None:
        measure_growing(given.largest)
    elif given.place is None:
        raise SystemExit("Where shall they be kept? --place FOLDER")
    else:
        given.place.mkdir(parents=True, exist_ok=True)
        measure_filled(given.filled, given.place)
    write()


if __name__ == "__main__":
    main()
