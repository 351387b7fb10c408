"""Fills an organisation's ledger with as many realistic decisions as wanted: `python -m bench.generator 1000000`.

It writes to the place that the ASKFIRST_ settings name, which has at least one site with a published policy, and goes
through the service's own steps: each decision is checked, sealed and signed, committed in batches, and sequenced. Only
the clock is not the real one: the decisions are spread over the days before now, oldest first.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from askfirst.node import Node
from askfirst.output import progress, say
from askfirst.randomness import SystemRandomness, system_clock
from askfirst.settings import Settings, read_settings
from askfirst.storage.batches import batches_of
from askfirst.storage.engine import open_engine
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.record_decision import Recorder, record_decision
from askfirst.usecases.rows import Decision, Stored
from askfirst.usecases.sequence import sequence_all

BATCH = 512
_DAY_MS = 86_400_000
# Shares of a hundred, as sites with equal buttons report them; a changed mind comes with its receipt.
_ANSWERS = (("reject_all", 46), ("accept_all", 38), ("custom", 11), ("change", 5))
_WITH_GPC = 0.04
_REMEMBERED = 512  # visitors who may change their minds


class Kept:
    """A writer that keeps what it is given until it is taken."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    async def record(self, decision: Decision) -> Stored:
        self.decisions.append(decision)
        return Stored()


class _MovingClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def generate(
    settings: Settings,
    records: int,
    *,
    days: int = 180,
    seed: int = 1,
    advance: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Add `records` decisions of the last `days` to the first organisation's sites, with their places and a checkpoint.

    The same `seed` gives the same answers; ids, salts and times are new ones. `advance` gets (done, of).
    """
    clock = _MovingClock()
    clock.now = system_clock()
    node = Node(settings, clock=clock, random=SystemRandomness())
    directory = node.live.directory
    log_id = min(directory.organisations)
    sites = [site for site in directory.sites.values() if site.site.log_id == log_id and site.current is not None]
    if not sites:
        raise SystemExit("There is no site with a published policy to answer for: askfirst site add, policy publish.")
    kept = Kept()
    recorder = replace(node.live.current.recorders[log_id], writer=kept)  # type: ignore[type-var]
    batches = batches_of(settings.database)()
    try:
        answers = _answers(sites, next(iter(directory.builds[log_id])), random.Random(seed))
        end = system_clock()
        for done in range(0, records, BATCH):
            count = min(BATCH, records - done)
            times = [end - days * _DAY_MS * (records - done - number) // records for number in range(count)]
            asyncio.run(_decide(recorder, answers, clock, times))
            batches.commit(kept.decisions)
            kept.decisions.clear()
            sequence_all(node.ledger, log_id, clock=clock)
            advance(done + count, records)
        clock.now = system_clock()
        node.publish()
    finally:
        batches.close()
        node.engine.dispose()


def settle(url: str) -> None:
    """Do what PostgreSQL does by itself in the minutes after so many rows, so that nothing of it is left to measure."""
    engine = open_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
                connection.execute(text(statement))
    engine.dispose()


async def _decide(recorder: Recorder, answers: Iterator["_Answer"], clock: _MovingClock, times: Sequence[int]) -> None:
    for now in times:
        clock.now = now
        answer = next(answers)
        answered = await record_decision(recorder, answer.site, answer.site.site.origins[0], answer.body(now))
        answer.told(json.loads(answered.body)["receipt"])


class _Answer:
    """One visitor's answer, and where the receipt for it is remembered."""

    def __init__(self, site: LiveSite, members: dict[str, object], receipts: list[str] | None) -> None:
        self.site = site
        self._members = members
        self._receipts = receipts

    def body(self, now: int) -> bytes:
        """Return what the browser sends."""
        return json.dumps({**self._members, "at": now - 400}, separators=(",", ":")).encode()

    def told(self, receipt: str) -> None:
        """Remember the receipt of somebody who granted something."""
        if self._receipts is not None:
            self._receipts.append(receipt)
            del self._receipts[:-_REMEMBERED]


def _answers(sites: Sequence[LiveSite], build: str, chance: random.Random) -> Iterator[_Answer]:
    """Return answers without end; after the first thousands the sites differ in how often they are answered."""
    weights = [1 / number for number, _ in enumerate(sites, start=1)]
    receipts: dict[str, list[str]] = {site.site.site_key: [] for site in sites}
    names, shares = zip(*_ANSWERS, strict=True)
    while True:
        (site,) = chance.choices(sites, weights)
        (name,) = chance.choices(names, shares)
        assert site.current is not None
        policy, remembered = site.current.policy, receipts[site.site.site_key]
        members: dict[str, object] = {
            "v": 1,
            "id": str(UUID(int=chance.getrandbits(128), version=4)),
            "policy": site.current.digest,
            "build": build,
            "language": chance.choice(policy.languages),
        }
        purposes = dict.fromkeys(policy.optional_purposes, name == "accept_all")
        method = name
        if name in ("custom", "change"):
            purposes = {purpose: chance.random() < 0.4 for purpose in purposes}
            method = "custom"
        if name == "change" and not any(purposes.values()):
            method = "withdraw"
        members |= {"purposes": purposes, "method": method, "at": 0, "gpc": chance.random() < _WITH_GPC}
        members["rule"] = chance.choice(sorted(policy.rule_ids))
        if name == "change" and remembered:
            members["receipt"] = remembered.pop(chance.randrange(len(remembered)))
        grants = any(purposes.values())
        yield _Answer(site, members, remembered if grants else None)


def main() -> None:
    """Read the command line and the settings, and fill the place that they name."""
    parser = argparse.ArgumentParser(prog="python -m bench.generator", description=__doc__)
    parser.add_argument("records", type=int, help="how many decisions to add")
    parser.add_argument("--days", type=int, default=180, help="over how many days before now")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other answers")
    given = parser.parse_args()
    with progress("Added") as advance:
        generate(read_settings(), given.records, days=given.days, seed=given.seed, advance=advance)
    say(f"{given.records:,} decisions were added, each with its place in the ledger.")


if __name__ == "__main__":
    main()
