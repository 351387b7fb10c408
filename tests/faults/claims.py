"""What every fault is held against: nothing confirmed is lost or doubled, and the log and all its checkpoints hold."""

import asyncio
import json
from uuid import UUID

from askfirst.node import Node
from askfirst.usecases.publish_checkpoint import require_extension
from askfirst.usecases.rows import Head
from askfirst.usecases.verify_ledger import verify_ledger
from faults.visitors import Visitors
from faults.workload import record
from support.altered_log import said
from support.places import Home


def hold(home: Home, node: Node, visitors: Visitors, *, at_least: int = 20) -> None:
    """Let a node catch up on what is there, and hold everything against what the visitors heard.

    Who was told an answer is in `visitors.answers`; `node` was opened before the fault and has no writer yet.
    """
    ledger = home.place.ledger
    node.writer.start()
    node.sequence()
    node.publish()
    result = verify_ledger(home.place.directory, ledger, 1, anchor=home.anchors.read(1))
    counts = ledger.counts(1)

    assert [] == said(result)
    assert [] == visitors.contradictions
    assert len(visitors.answers) >= at_least
    assert (counts["leaf"], 0) == (counts["entry"], counts["pending"])
    # What was in flight when something died may be stored without anybody having been told.
    given_up = sum(one.status == 0 or one.status == 503 for one in visitors.heard)
    assert len(visitors.answers) <= counts["record"] <= len(visitors.answers) + min(given_up, 10 * visitors.writers)
    head = ledger.head(1)
    for one in ledger.checkpoints(1):
        require_extension(lambda level, at: ledger.read_tile(1, level, at), head, one.size, one.root)
    assert Head(head.size, head.root) == Head(result.size, result.root)
    records = {UUID(json.loads(answer)["record"]).bytes for answer in visitors.answers.values() if "record" in answer}
    assert all(ledger.record_of(1, one) is not None for one in records)
    before = counts["entry"]
    for number in list(visitors.answers)[:: max(1, len(visitors.answers) // 50)]:
        assert visitors.answers[number] == asyncio.run(record(node, number))
    assert before == ledger.counts(1)["entry"]
    node.writer.stop()
