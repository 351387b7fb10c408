"""A PostgreSQL that goes away: who was told `stored` is stored, and the writer is there when it comes back."""

import asyncio
from collections.abc import Callable

import pytest

from askfirst.core.errors import Unavailable
from askfirst.storage.batches import batches_of
from askfirst.storage.writer import GroupWriter
from askfirst.usecases.rows import Replayed, Stored
from askfirst.usecases.sequence import sequence_all
from support.altered_log import said, verified
from support.cluster import Cluster
from support.places import Home
from support.running_service import RunningService
from support.writing import sealed

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def lose(home: Home, how: Callable[[], None]) -> list[object]:
    """Store one decision, lose the connection, and try the next one until it is stored; return all that was said."""

    async def act() -> list[object]:
        writer = GroupWriter(batches_of(home.settings.database))
        writer.start()
        try:
            heard: list[object] = [await writer.record(sealed(home, 1))]
            await asyncio.to_thread(how)
            again = sealed(home, 2)
            for _ in range(3):
                try:
                    heard.append(await writer.record(again))
                except Unavailable as refusal:
                    heard.append(str(refusal))
            return heard
        finally:
            await asyncio.to_thread(writer.stop)

    return asyncio.run(act())


@pytest.mark.parametrize("how", ["the connection was ended", "the server was stopped at once"])
def test_the_writer_goes_on_after_the_connection_was_lost(cluster: Cluster, home: Home, how: str) -> None:
    """The caller in whose hands it broke is refused; the next is stored, and nothing twice."""
    ways = {
        "the connection was ended": lambda: cluster.cut(str(home.place.engine.url.database)),
        "the server was stopped at once": cluster.crash,
    }
    first, broken, second, third = lose(home, ways[how])

    assert Stored() == first
    assert "the database did not confirm it" in str(broken)
    assert Stored() == second
    assert isinstance(third, Replayed)
    sequence_all(home.place.ledger, 1, clock=home.clock)
    counts = home.place.ledger.counts(1)
    assert (2, counts["entry"]) == (counts["record"], counts["leaf"])


def test_the_service_answers_clearly_meanwhile_and_goes_on_afterwards(
    cluster: Cluster, service: RunningService
) -> None:
    """503 with a time to come back; the same decision is then answered as the first time, and the log holds."""
    service.accept()
    decision = service.decision()
    cluster.crash()
    during = service.post(decision)
    after = service.post(decision)
    again = service.post(decision)
    service.settle()

    assert (503, "2") == (during.status_code, during.headers["retry-after"])
    assert "unavailable" in during.json()["type"]
    assert (201, 200) == (after.status_code, again.status_code)
    assert after.content == again.content
    assert [] == said(verified(service.home))
