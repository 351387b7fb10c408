"""A part that is measured anew takes its old section's place, and leaves the others as they are."""

from bench.__main__ import sections_of
from bench.row import Row, Section


def test_a_page_of_results_is_read_back_as_the_sections_that_it_was_written_of() -> None:
    """Whatever stands between two headings belongs to the first of them."""
    first = f"{Section('Service', 'One core.', [Row('a', '1/s'), Row('b', '2/s')])}\nMeasured on 2026-11-30.\n"
    second = f"{Section('Ledger', 'Two.', [Row('## no heading', '3/s')])}\nMeasured on 2026-11-29.\n"
    page = "\n".join(["# Results", "", "- When: now", "", first, second])

    assert {"Service": first, "Ledger": second} == sections_of(page)
