"""A log under two checkpoints, and hands that alter its tables: what the verification is tested with."""

from typing import Any

from sqlalchemy import select

from askfirst.storage import tables as t
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from support.places import Home
from support.running_service import RunningService


def verified(home: Home, anchor: str | None = None) -> Verification:
    """Verify log 1."""
    return verify_ledger(home.place.directory, home.place.ledger, 1, anchor=anchor)


def said(result: Verification) -> list[str]:
    """Return the findings as lines."""
    return [str(finding) for finding in result.findings]


def begin_log(service: RunningService) -> RunningService:
    """Return the service after log 1 got some decisions under two checkpoints, ending with three decisions."""
    service.accept()
    service.settle()
    for _ in range(3):
        service.home.clock.forward(1)
        service.accept()
    service.settle()
    assert [] == said(verified(service.home, service.home.anchors.read(1)))
    return service


def leaves(home: Home) -> list[Any]:
    """Return the leaf rows of log 1 by position."""
    with home.place.engine.connect() as connection:
        return list(connection.execute(select(t.leaf).where(t.leaf.c.log_id == 1).order_by(t.leaf.c.position)))


def change(home: Home, *statements: Any) -> None:
    """Run statements in one transaction; each has to meet a row."""
    with home.place.engine.begin() as connection:
        for statement in statements:
            # A driver does not count what an INSERT added: it added it, or it failed.
            assert connection.execute(statement).rowcount != 0


def last(home: Home) -> int:
    """Return the greatest position of log 1."""
    return int(leaves(home)[-1].position)
