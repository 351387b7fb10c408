"""The short check of a decision's row says that it holds only of the very row that was written."""

from typing import Any

import pytest

from askfirst.usecases.check_entries import EntryCheck
from support.altered_log import last
from support.running_service import RunningService

# Values that could pass for others, of every type that a database may give back.
STRANGE: list[Any] = [None, "", "x", b"", b"x", 0, 1, -1, 1.5, True, 2**63, bytes(16), bytes(32), "0" * 21, [], {}]


@pytest.mark.parametrize("signatures", [True, False])
def test_no_other_value_in_any_place_passes(log: RunningService, signatures: bool) -> None:
    """A grant and a refusal: each of their values exchanged for strange ones, for the other's, or cut short."""
    log.refuse()
    log.settle()
    place = log.home.place
    check = EntryCheck(place.directory(), place.ledger, 1, signatures=signatures)._decisions
    rows = [tuple(row) for row in place.ledger.scan(1, last(log.home) - 1, last(log.home) + 1)]
    tried = 0

    for row, other in (rows, rows[::-1]):
        assert row[2] == check.holds(row)
        for at in range(1, len(row)):
            if at == 9:
                continue  # the record's id, by which the row was put together
            for value in [*STRANGE, other[at], row[at][:-1] if isinstance(row[at], str | bytes) else other[at]]:
                if value == row[at] and type(value) in (type(row[at]), bool, int):
                    continue
                tried += 1
                assert check.holds((*row[:at], value, *row[at + 1 :])) is None, (at, value)
    assert tried > 500


def test_rows_exchanged_between_two_visitors_do_not_pass(log: RunningService) -> None:
    """Content, salts and receipts that belong together, in another's place."""
    place = log.home.place
    check = EntryCheck(place.directory(), place.ledger, 1, signatures=True)._decisions
    one, other = (tuple(row) for row in place.ledger.scan(1, last(log.home) - 1, last(log.home) + 1))
    for start, end in ((4, 5), (4, 9), (5, 7), (7, 9), (5, 9), (1, 2), (1, 3), (10, 22), (11, 13), (21, 22)):
        mixed = (*one[:start], *other[start:end], *one[end:])
        assert check.holds(mixed) is None, (start, end)
