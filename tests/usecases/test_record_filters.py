"""Reading a search: times to the millisecond, numbers in one spelling, and every fault at once."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.record_filters import MAX_LIMIT, PARAMETERS, read_filters, read_time, told
from askfirst.usecases.rows import RecordQuery

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@example(ms=2_167_729_754_173, hours=0)
@given(ms=st.integers(0, 2**47 - 1), hours=st.integers(-14, 14))
def test_a_time_is_read_to_the_millisecond(ms: int, hours: int) -> None:
    """Whatever zone it is written in, no millisecond is lost to a fraction that binary can not hold."""
    moment = (EPOCH + timedelta(milliseconds=ms)).astimezone(timezone(timedelta(hours=hours)))

    assert ms == read_time(moment.isoformat(timespec="milliseconds"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1970-01-01", 0),
        ("2026-06-15", 1_781_481_600_000),
        ("2026-06-15T12:00", 1_781_524_800_000),
        ("2026-06-15T12:00:00Z", 1_781_524_800_000),
        ("2026-06-15T14:00:00+02:00", 1_781_524_800_000),
        ("2026-06-15 12:00:00.001", 1_781_524_800_001),
    ],
)
def test_without_a_zone_it_is_utc(text: str, read: int) -> None:
    """The service's own times are UTC, and so are an auditor's."""
    assert read == read_time(text)


@pytest.mark.parametrize(
    "text", ["", "now", "1969-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31", "2026-02-30", "1781524800000", "²"]
)
def test_what_is_no_time_since_1970_is_refused(text: str) -> None:
    """A ValueError with a sentence, never another accident."""
    with pytest.raises(ValueError, match="must be a "):
        read_time(text)


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    """Any text is a time or a ValueError."""
    with contextlib.suppress(ValueError):
        assert 0 <= read_time(text) < 2**47


def test_nothing_asked_is_everything() -> None:
    """Without parameters the search has no condition but the sites that the reader may see."""
    assert RecordQuery(sites=("demo0001",)) == read_filters([], ("demo0001",))


def test_all_faults_are_named_at_once() -> None:
    """Each parameter with its own sentence."""
    with pytest.raises(InvalidQuery) as refused:
        read_filters([("limit", "0"), ("limit", "1"), ("x", "1"), ("site", "!"), ("from", "?")], None)

    assert {"limit", "x", "site", "from"} == {name for name, _ in refused.value.errors}


@given(number=st.integers(-5, 10**15))
def test_a_limit_is_what_it_says(number: int) -> None:
    """From 1 to 200 it is taken, with or without leading zeros it is never more."""
    for text in (str(number), f"{number:020d}"):
        try:
            limit = read_filters([("limit", text)], None).limit
        except InvalidQuery:
            assert not 1 <= number <= MAX_LIMIT or text != str(number)
        else:
            assert number == limit <= MAX_LIMIT


@given(pairs=st.lists(st.tuples(st.sampled_from(PARAMETERS) | st.text(max_size=5), st.text(max_size=300)), max_size=5))
def test_what_the_ledger_keeps_of_a_search_is_bounded(pairs: list[tuple[str, str]]) -> None:
    """Known parameters only, shortened, those without a value left out."""
    kept = told(pairs)

    assert kept.keys() <= {*PARAMETERS, "person_by"} - {"consent_id"}
    assert all(isinstance(value, str) and 0 < len(value) <= 256 for value in kept.values())
