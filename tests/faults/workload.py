"""What a node does all day, small: it records, sequences, signs, answers a replay, and forgets."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from askfirst.core.errors import DecisionErased
from askfirst.node import Node
from askfirst.usecases.erase import erase_record
from askfirst.usecases.ports import Acting
from askfirst.usecases.record_decision import record_decision

SITE = "demo0001"
ORIGIN = "https://www.example.org"
# Decisions have numbers; each round of work takes ten, and these two of them are special.
ROUND = 10
REFUSED = 2  # refuses everything
ERASED = 3  # is erased at the end


def body(node: Node, number: int) -> bytes:
    """Return the decision of a number, always the same bytes."""
    grants = number % ROUND != REFUSED
    policy = node.live.directory.site(SITE).current
    assert policy is not None
    return json.dumps(
        {
            "v": 1,
            "id": str(UUID(int=0x4000_8000_0000_0000_0000 | number)),
            "policy": policy.digest,
            "build": min(node.live.directory.builds[1]),
            "language": "en",
            "purposes": {"measurement": grants, "embeds": grants},
            "method": "accept_all" if grants else "reject_all",
            "at": 1_781_524_800_000,
            "gpc": False,
            "rule": "default",
        }
    ).encode()


async def record(node: Node, number: int) -> str:
    """Record a decision, or get its first answer again."""
    site = node.live.directory.site(SITE)
    answer = await record_decision(node.live.current.recorders[1], site, ORIGIN, body(node, number))
    return answer.body.decode()


def work(node: Node, number: int, heard: Callable[[str, Any], None]) -> None:
    """Do all of round `number`; `heard` is told what a visitor or staff was told, right after they were."""

    first = number * ROUND

    async def whole() -> None:
        async def answered(one: int) -> None:
            heard("answer", [first + one, await record(node, first + one)])

        node.writer.start()
        await asyncio.gather(answered(1), answered(REFUSED), answered(ERASED))
        node.sequence()
        node.publish()
        await asyncio.gather(answered(1), answered(4))
        record_id = json.loads(await record(node, first + ERASED))["record"]
        by = Acting("owner", node.live.clock, node.live.random)
        erase_record(node.live.forgetting, 1, record_id, reason="The visitor asked.", by=by)
        heard("erased", record_id)
        node.sequence()
        node.publish()
        await asyncio.to_thread(node.writer.stop)
        node.engine.dispose()

    asyncio.run(whole())


async def again(node: Node, number: int) -> str | None:
    """Ask again after everything; None: it was erased."""
    try:
        return await record(node, number)
    except DecisionErased:
        return None
