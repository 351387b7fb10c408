"""The ledger by itself: how fast it takes entries and gives them their place, how fast it is verified, how soon signed."""

import asyncio
import dataclasses
import json
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from askfirst.node import Node
from askfirst.preparing import prepare
from askfirst.randomness import SystemRandomness, system_clock
from askfirst.settings import read_settings
from askfirst.storage.batches import batches_of
from askfirst.usecases.ports import Acting
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.record_decision import Recorder, record_decision
from askfirst.usecases.rows import Decision
from askfirst.usecases.sequence import sequence
from askfirst.usecases.set_up import add_site, begin_organisation
from askfirst.verifying import verify
from askfirst.workplace import Workplace, open_workplace
from bench.cores import on_core_0
from bench.fixed_policy import read_draft
from bench.generator import Kept
from bench.row import Row, Section
from bench.servers import ORIGIN, postgresql

ENTRIES = 100_000
BATCH = 256
NODES = 4  # that write at once where the database takes several
SIGNED_SECONDS = 12


def measure() -> Section:
    """Return rates of appending and verifying on each database, and the delay until a signed checkpoint."""
    rows = []
    for name, url, append_goal, nodes in _databases():
        with home_of(url) as (place, node):
            with on_core_0():
                single = appended(place, asyncio.run(sealed(node))) if nodes > 1 else None
                rate = appended(place, asyncio.run(sealed(node)), nodes)
                delays = asyncio.run(_delays(node))
            quick, whole = _verify(place, signatures=False), _verify(place, signatures=True)
        rows.append(
            Row(
                f"append and sequence, {name}",
                f"{rate:,.0f}/s",
                "" if single is None else f"{nodes} writers at once; {single:,.0f}/s with one",
                f"at least {append_goal:,}/s",
                rate >= append_goal,
            )
        )
        rows.append(
            Row(
                f"verification, {name}",
                f"{quick:,.0f}/s",
                f"{whole:,.0f}/s with each receipt's signature",
                "at least 100,000/s",
                quick >= 100_000,
            )
        )
        p99 = quantiles(delays, n=100)[98]
        rows.append(Row(f"commit to signed checkpoint, {name}", f"p99 {p99:.2f} s", "", "below 2 s", p99 < 2))
    return Section(
        "Ledger",
        f"In one process on core 0, PostgreSQL with its default settings on core 1; no web server. {ENTRIES:,} decisions of the bench policy, sealed and signed before the "
        f"clock starts, are committed durably in batches of {BATCH} while another thread sequences them; the time ends when the last has its place. On PostgreSQL {NODES} writers do so at once, each "
        "over a connection of its own, as as many nodes would. Verification re-hashes "
        "every entry, opens both commitments, compares the search table and what each receipt says, and rebuilds every tile, on both cores, beside PostgreSQL on the same; with and without the time that the processes need to check each receipt's Ed25519 signature. The delay is that of decisions sent at an even pace for "
        f"{SIGNED_SECONDS} s to a node with its usual pauses.",
        rows,
    )


def _databases() -> Iterator[tuple[str, str, int, int]]:
    yield "SQLite `synchronous=FULL`", "", 10_000, 1
    with postgresql() as url:
        yield "PostgreSQL", url, 20_000, NODES


@contextmanager
def home_of(url: str) -> Iterator[tuple[Workplace, Node]]:
    """Give a place with the bench's site and policy in the database at this URL (empty: SQLite), and its node, not opened."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(file=None, home=Path(folder) / "home", database_url=url, rate_per_minute=0)
        prepare(settings)
        place = dataclasses.replace(open_workplace(settings), by=Acting("bench", system_clock, SystemRandomness()))
        organisation = begin_organisation(
            place.catalogue, place.keys, slug="bench", name="Bench", origin="bench.example/log", by=place.by
        )
        add_site(place.catalogue, organisation, site_key="bench", name="Bench", origins=(ORIGIN,), by=place.by)
        publish_policy(place.catalogue, "bench", read_draft(), reason="A bench.", by=place.by)
        node = Node(settings, clock=system_clock, random=SystemRandomness())
        try:
            yield place, node
        finally:
            node.engine.dispose()
            place.engine.dispose()


def _body(node: Node) -> bytes:
    site = node.live.directory.site("bench")
    assert site.current is not None
    return json.dumps(
        {
            "v": 1,
            "id": str(uuid.uuid4()),
            "policy": site.current.digest,
            "build": next(iter(node.live.directory.builds[1])),
            "language": "en",
            "purposes": dict.fromkeys(site.current.policy.optional_purposes, True),
            "method": "accept_all",
            "at": system_clock(),
            "gpc": False,
            "rule": "default",
        }
    ).encode()


async def sealed(node: Node) -> list[Decision]:
    """Return as many decisions as are measured, ready to be stored."""
    kept = Kept()
    recorder: Recorder = dataclasses.replace(node.live.current.recorders[1], writer=kept)  # type: ignore[type-var]
    site = node.live.directory.site("bench")
    for _ in range(ENTRIES):
        await record_decision(recorder, site, ORIGIN, _body(node))
    return kept.decisions


def appended(place: Workplace, decisions: Sequence[Decision], writers: int = 1) -> float:
    """Store these decisions, by so many writers at once, and give them their places; return how many a second."""
    ledger = place.ledger
    while sequence(ledger, 1, clock=system_clock):
        pass
    target = ledger.head(1).size + len(decisions)
    done = threading.Event()

    def give_places() -> None:
        while not done.is_set() or ledger.head(1).size < target:
            if not sequence(ledger, 1, clock=system_clock):
                time.sleep(0.05)

    sequencer = threading.Thread(target=give_places)
    start = time.perf_counter()
    sequencer.start()
    commit_all(place, decisions, writers)
    done.set()
    sequencer.join()
    return len(decisions) / (time.perf_counter() - start)


def commit_all(place: Workplace, decisions: Sequence[Decision], writers: int = 1) -> None:
    """Store these decisions in batches, by so many writers with a connection each; raises what one of them raises."""

    def commit(share: Sequence[Decision]) -> None:
        batches = batches_of(place.settings.database)()
        for first in range(0, len(share), BATCH):
            batches.commit(share[first : first + BATCH])
        batches.close()

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(commit, [decisions[number::writers] for number in range(writers)]))


def _verify(place: Workplace, *, signatures: bool) -> float:
    start = time.perf_counter()
    result = verify(place, 1, lambda _done, _all: None, anchor=None, signatures=signatures)
    if not result.holds:
        raise RuntimeError(f"the bench's own ledger does not hold: {result.findings[0]}")
    return result.size / (time.perf_counter() - start)


async def _delays(node: Node) -> list[float]:
    """Return the seconds from each decision's commit to the first checkpoint over it."""
    await node.open()
    committed: list[tuple[bytes, int]] = []
    try:
        end = time.monotonic() + SIGNED_SECONDS
        while time.monotonic() < end:
            answer = await record_decision(
                node.live.current.recorders[1], node.live.directory.site("bench"), ORIGIN, _body(node)
            )
            committed.append((uuid.UUID(json.loads(answer.body)["record"]).bytes, system_clock()))
            await asyncio.sleep(0.02)
        await asyncio.sleep(2.5)
    finally:
        await node.close()
    signed = [(one.size, one.signed_at) for one in node.ledger.checkpoints(1)]
    delays = []
    for record, at in committed:
        entry = node.ledger.entry(1, record)
        assert entry is not None
        assert entry.position is not None
        delays.append((next(when for size, when in signed if size > entry.position) - at) / 1000)
    return delays
