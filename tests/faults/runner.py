"""Runs the workload in a child process for each line of its input, which may name the place where the child dies."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from askfirst.node import Node
from faults.points import Points, install
from faults.workload import work
from support.places import settings_of
from support.time_and_ids import CountedRandomness, HandClock


def run(order: dict[str, Any], out: int) -> None:
    """Do the work of one order, and write what was heard as lines to `out`."""

    def heard(name: str, value: Any) -> None:
        os.write(out, json.dumps([name, value]).encode() + b"\n")

    points = Points(order["fatal"])
    install(points)
    settings = settings_of(Path(order["home"]), database_url=order["database"])
    node = Node(settings, clock=HandClock(), random=CountedRandomness(order["seed"]))
    work(node, order["round"], heard)
    heard("passed", points.passed)


def main() -> None:
    """Read orders as JSON lines; answer each with what was heard and how the child ended."""
    for line in sys.stdin:
        order = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            code = 1
            try:
                run(order, write)
                code = 0
            finally:
                os._exit(code)
        os.close(write)
        with os.fdopen(read) as lines:
            said = [json.loads(one) for one in lines]
        status = os.waitpid(child, 0)[1]
        ended = {"heard": said, "status": os.waitstatus_to_exitcode(status)}
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
