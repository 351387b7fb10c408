"""What tests of faults share: the table that their rows go into."""

from collections.abc import Iterator

import pytest

from faults.report import Report


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """Give the table; it is written when all faults are through."""
    made = Report()
    yield made
    made.write()
