"""What counts as usual: the day before yesterday's outage does not, and neither does chance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.usual_range import Counted, Unusual, unusual

WEEKS = [Counted(500, 1000), Counted(520, 1000), Counted(480, 1000), Counted(510, 1000), Counted(490, 1000)]


def test_a_share_that_left_its_range_is_told_with_what_was_usual() -> None:
    """In per mille, with the bounds and how many days they come from."""
    assert Unusual("share", 800, 500, 400, 600, 5, 1000) == unusual(Counted(800, 1000), WEEKS)
    assert Unusual("share", 100, 500, 400, 600, 5, 1000) == unusual(Counted(100, 1000), WEEKS)


def test_what_is_within_the_range_is_nothing() -> None:
    """Up to ten per cent of all decisions."""
    assert unusual(Counted(590, 1000), WEEKS) is None
    assert unusual(Counted(410, 1000), WEEKS) is None


@pytest.mark.parametrize("odd", [Counted(0, 1000), Counted(1000, 1000), Counted(50_000, 50_000)])
def test_one_odd_day_before_moves_nothing(odd: Counted) -> None:
    """A mean would follow it; a median does not."""
    assert unusual(Counted(500, 1000), [*WEEKS, odd]) is None
    assert unusual(Counted(850, 1000), [*WEEKS, odd]) is not None


def test_small_sites_hear_nothing() -> None:
    """Neither where the day is small, nor where too few of the days before can be compared."""
    assert unusual(Counted(40, 99), WEEKS[:5]) == Unusual("count", 40, 500, 250, 1000, 5, 99)
    assert unusual(Counted(30, 30), [Counted(1, 40)] * 8) is None
    assert unusual(Counted(1000, 1000), WEEKS[:3]) is None
    assert unusual(Counted(1000, 1000), [*WEEKS[:3], Counted(1, 49)]) is None


def test_a_number_that_doubles_or_halves_is_told_where_the_share_is_usual() -> None:
    """Forged answers that keep the mix, and a banner that is gone."""
    assert Unusual("count", 1100, 500, 250, 1000, 5, 2200) == unusual(Counted(1100, 2200), WEEKS)
    assert Unusual("count", 0, 500, 250, 1000, 5, 0) == unusual(Counted(0, 0), WEEKS)
    assert unusual(Counted(900, 1800), WEEKS) is None


def test_days_that_always_differ_may_go_on_differing() -> None:
    """What is usual is as wide as the days before were."""
    wild = [Counted(100 * one, 1000) for one in (1, 9, 2, 8, 5)]

    assert unusual(Counted(900, 1000), wild) is None


def test_chance_is_no_alert_where_there_are_few_answers() -> None:
    """Of 100 that usually are half and half, 30 may well be."""
    few = [replace(one, some=one.some // 10, all=100) for one in WEEKS]

    assert unusual(Counted(31, 100), few) is None
    assert unusual(Counted(10, 100), few) is not None


@given(st.integers(0, 5000), st.integers(0, 5000), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000))))
def test_whatever_is_told_is_outside_of_what_it_names(some: int, rest: int, before: list[tuple[int, int]]) -> None:
    """For any numbers, and it never fails."""
    found = unusual(Counted(some, some + rest), [Counted(one, one + other) for one, other in before])

    if found is not None:
        assert found.low <= found.usual <= found.high
        assert not found.low < found.found < found.high
