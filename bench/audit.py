"""What staff do with many records: look somebody up, page through searches, count, and export.

`BENCH_RECORDS` says how many records are there, 1,000,000 without it. The generator takes some minutes for as many.
"""

import asyncio
import os
import re
import resource
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select

from askfirst.randomness import system_clock
from askfirst.settings import Settings
from askfirst.storage.batches import reads_of
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.engine import open_engine
from askfirst.storage.exports import SqlExports
from askfirst.storage.lookups import LookupReader
from askfirst.storage.tables import record
from askfirst.usecases.directory import index
from askfirst.usecases.export import Export, order_of
from askfirst.usecases.record_filters import read_filters
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.search import look_up_person
from askfirst.verifying import verify
from askfirst.workplace import open_workplace
from askfirst_sdk.subject import consent_id
from bench.generator import generate, settle
from bench.load import CONNECTIONS, Load, middle, wrk
from bench.row import Row, Section
from bench.servers import Home, bare, home, postgresql

SECONDS = 4
ROUNDS = 3
_LOOKED_UP = 2000
_LOG = 1


@dataclass(frozen=True)
class Filled:
    """A service with many records: its address, its database, a token, and subjects that it knows; how many entries a
    second were verified before it was started.
    """

    url: str
    database: str
    token: str
    subjects: tuple[str, ...]
    verified: float


def measure() -> Section:
    """Return look-ups, searches, statistics and exports on each database."""
    wanted = int(os.environ.get("BENCH_RECORDS", "1000000"))
    rows = []
    for name in ("SQLite `synchronous=FULL`", "PostgreSQL"):
        with database(name) as url, _filled(url, wanted) as filled:
            rows += _rows(name, filled)
    return Section(
        "Audit",
        f"{wanted:,} generated records. One server process on core 0, wrk on core 1 with {CONNECTIONS} connections over "
        f"loopback, median of {ROUNDS} runs of {SECONDS} s; every request over HTTP leaves its own durable entry. What is "
        f"in process is without HTTP and without an entry; look-ups are asked {CONNECTIONS} at a time. The ratio is to a Starlette route that answers "
        "as many ready bytes, under the same server, at once before. PostgreSQL runs with its default settings on core 1, vacuumed after "
        "the generator, as it would have done by itself in the time that so many visitors take.",
        rows,
    )


def _rows(name: str, filled: Filled) -> list[Row]:
    engine = open_engine(filled.database)
    try:
        looks = median(asyncio.run(_looks_a_second(filled)) for _ in range(ROUNDS))
        exported, grown = _export(SqlExports(engine), SqlCatalogue(engine))
    finally:
        engine.dispose()
    people = [looking_up(one) for one in filled.subjects]
    ceilings, loads = [], []
    for _ in range(ROUNDS):
        with bare(_an_answer(filled, people[0])) as ceiling:
            ceilings.append(wrk(f"{ceiling}/ready", SECONDS).rate)
        loads.append(_load(filled, people))
    http, ceiling_rate = middle(loads), median(ceilings)
    rows = [
        Row(f"subject look-up in process, {name}", f"{looks:,.0f}/s", "", "at least 3,000/s", looks >= 3000),
        Row(
            f"subject look-up over HTTP with its durable entry, {name}",
            f"{http.rate:,.0f}/s, p99 {http.p99:.0f} ms",
            f"{http.rate / ceiling_rate:.2f} of a bare route's {ceiling_rate:,.0f}/s",
            "at least 2,000/s",
            http.rate >= 2000,
        ),
    ]
    searches = {
        "newest": "",
        "one site": "?site=bench",
        "one site from a day on": "?site=bench&from=2020-01-01",
        "one record": f"?record={_a_record(filled)}",
    }
    slowest = max(_alone(filled, f"/api/v1/records{query}").p99 for query in searches.values())
    counted = _alone(filled, "/api/v1/statistics?site=bench")
    return [
        *rows,
        Row(
            f"slowest p99 of indexed search pages ({', '.join(searches)}), one client, {name}",
            f"{slowest:.1f} ms",
            "",
            "below 50 ms",
            slowest < 50,
        ),
        Row(
            f"statistics of 30 days, one client, {name}",
            f"p50 {counted.p50:.1f} ms, p99 {counted.p99:.1f} ms",
            "",
            "below 20 ms (p50)",
            counted.p50 < 20,
        ),
        Row(
            f"verification of the whole log but for receipts' signatures, on both cores, {name}",
            f"{filled.verified:,.0f}/s",
            "",
            "at least 100,000/s",
            filled.verified >= 100_000,
        ),
        Row(
            f"export to NDJSON in process, {name}",
            f"{exported:,.0f} records/s, {grown:,.0f} MB more memory at its end",
            "",
            "at least 100,000/s, memory flat",
            exported >= 100_000 and grown < 64,
        ),
    ]


async def _looks_a_second(filled: Filled) -> float:
    """Return how many look-ups a second are answered, asked so many at a time as there are connections elsewhere."""
    reader, done, end = LookupReader(reads_of(filled.database)), 0, time.perf_counter() + 1
    reader.start()

    async def ask(first: int) -> None:
        nonlocal done
        for number in range(first, 10**9, CONNECTIONS):
            if time.perf_counter() > end:
                return
            subject = filled.subjects[number % len(filled.subjects)]
            if await look_up_person(reader, _LOG, RecordQuery(subject=subject)) is None:
                raise RuntimeError("a look-up was no look-up")
            done += 1

    await asyncio.gather(*(ask(first) for first in range(CONNECTIONS)))
    await asyncio.to_thread(reader.stop)
    return done


def _an_answer(filled: Filled, path: str) -> bytes:
    request = urllib.request.Request(filled.url + path, headers={"Authorization": f"Bearer {filled.token}"})
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())


def _export(exports: SqlExports, catalogue: SqlCatalogue) -> tuple[float, float]:
    """Return records a second, and by how many megabytes the process grew."""
    directory = index(catalogue.snapshot())
    order = order_of(read_filters([], None), format="ndjson", mark=False, service=None, now=system_clock())
    going = Export(order)
    parts = going.parts(exports, _LOG, directory)
    next(parts)
    before, began = _megabytes(), time.perf_counter()
    for _part in parts:
        pass
    return going.rows / (time.perf_counter() - began), _megabytes() - before


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _load(filled: Filled, paths: Sequence[str]) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths))
        file.flush()
        found = wrk(filled.url, SECONDS, script="lookup.lua", BENCH_PATHS=file.name, BENCH_TOKEN=filled.token)
    time.sleep(1)  # what still waits is sequenced and signed in this time
    return found


def _alone(filled: Filled, path: str) -> Load:
    """Return what one client's requests take."""
    return wrk(f"{filled.url}{path}", SECONDS, f"Authorization: Bearer {filled.token}", connections=1)


def _a_record(filled: Filled) -> str:
    engine = open_engine(filled.database)
    with engine.connect() as connection:
        found = connection.execute(select(record.c.record_id).limit(1)).scalar_one()
    engine.dispose()
    text = bytes(found).hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@contextmanager
def database(name: str) -> Iterator[str]:
    """Give the URL of a database of this kind; empty for SQLite, which needs none."""
    if name == "PostgreSQL":
        with postgresql() as url:
            yield url
    else:
        yield ""


@contextmanager
def _filled(database_url: str, wanted: int) -> Iterator[Filled]:
    """Run a service whose ledger was filled before it started."""
    with home(database_url) as made:
        generate(made.settings, wanted)
        settle(made.database)
        verified = _verified(made.settings)
        token = issued(made)
        with made.serving() as (running, _pid):
            yield Filled(running.url, made.database, token, subjects(made.database), verified)


def _verified(settings: Settings) -> float:
    """Return how many entries a second the verification of the whole log goes through, but for receipts' signatures."""
    place = open_workplace(settings)
    try:
        start = time.perf_counter()
        result = verify(place, _LOG, lambda _done, _all: None, anchor=None, signatures=False)
        took = time.perf_counter() - start
    finally:
        place.engine.dispose()
    if not result.holds:
        raise RuntimeError(f"the bench's own ledger does not hold: {result.findings[0]}")
    return result.size / took


def issued(made: Home) -> str:
    """Return a new token of an auditor."""
    token = re.search(r"askfirst_[0-9a-f]{64}", made.run("token", "issue", "bench", "--role", "auditor"))
    if token is None:
        raise RuntimeError("no token was issued")
    return token[0]


def looking_up(subject: str) -> str:
    """Return the path at which a person's records are."""
    return f"/api/v1/records?consent_id={consent_id(subject)}"


def subjects(database: str) -> tuple[str, ...]:
    """Return subjects from all over the ledger."""
    engine = open_engine(database)
    every = select(record.c.subject).where(record.c.subject.is_not(None)).order_by(record.c.subject)
    with engine.connect() as connection:
        found = [str(one) for one in connection.execute(every).scalars()]
    engine.dispose()
    return tuple(found[:: max(1, len(found) // _LOOKED_UP)])
