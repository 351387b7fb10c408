"""A service under load to which something happens; afterwards everything is verified, and a row tells how it went."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from askfirst.node import Node
from faults.claims import hold
from faults.report import Report, Row
from faults.serving import Serving
from faults.visitors import CONFIRMED, Heard, Visitors
from faults.workload import SITE
from support.places import Home
from support.time_and_ids import CountedRandomness

# `make faults` keeps the load up for longer before and after each blow.
CALM_S = float(os.environ.get("ASKFIRST_FAULT_LOAD", "0"))
# Refusals while the database is away come at once: on a machine that does other work too, within this time.
AT_ONCE_S = 1.0


class Scene:
    """Nodes that serve, and visitors who answer."""

    def __init__(self, home: Home, node: Node, serving: list[Serving], visitors: Visitors) -> None:
        self.home, self.node, self.serving, self.visitors = home, node, serving, visitors
        self.rows: list[Row] = []
        self._since, self._counted = time.monotonic(), 0

    def calm(self) -> None:
        """Let the load run for a while."""
        end = time.monotonic() + CALM_S
        self.visitors.hear(20)
        while time.monotonic() < end:
            time.sleep(0.1)

    def tell(self, fault: str, recovered: float) -> None:
        """Note how a fault went: what was confirmed since the last one, and the seconds until it went on."""
        now, count = time.monotonic(), len(self.visitors.answers)
        confirmed = count - self._counted
        self.rows.append(Row(fault, confirmed / (now - self._since), confirmed, recovered))
        self._since, self._counted = now, count

    def refused(self, begun: float, ended: float) -> list[Heard]:
        """Hold that what was sent within a span was refused at once, and with a time to come back; return it."""
        found = [one for one in self.visitors.since(begun) if one.sent < ended - 0.1]
        assert found
        assert {503} == {one.status for one in found}
        assert all(one.retry_after for one in found)
        assert max(one.took for one in found) < AT_ONCE_S
        return found

    def script_is_served(self) -> bool:
        """Return whether every node serves the site's script at once."""
        begun = time.monotonic()
        statuses = {httpx.get(f"{one.url}/s/{SITE}.js", timeout=30).status_code for one in self.serving}
        return statuses == {200} and time.monotonic() - begun < AT_ONCE_S * len(self.serving)

    def all_confirmed(self, begun: float) -> bool:
        """Return whether all that was answered since a moment was confirmed."""
        return {one.status for one in self.visitors.since(begun)} <= set(CONFIRMED)


@contextmanager
def under_load(
    home: Home, folder: Path, report: Report, *, nodes: int = 1, changes: Mapping[str, str] | None = None
) -> Iterator[Scene]:
    """Start nodes and visitors, and when the block is through hold that nothing was lost and report the rows."""
    node = Node(home.settings, clock=home.clock, random=CountedRandomness("reader"))
    with ExitStack() as stack:
        serving = []
        for _ in range(nodes):
            one = Serving(home, folder, changes)
            stack.callback(one.stop)
            serving.append(one)
        for one in serving:
            one.until_ready()
        visitors = Visitors(node, [one.port for one in serving])
        stack.callback(visitors.stop)
        scene = Scene(home, node, serving, visitors)
        yield scene
    hold(home, node, visitors)
    node.engine.dispose()
    for row in scene.rows:
        report.add(row)
