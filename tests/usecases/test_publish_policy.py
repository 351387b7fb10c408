"""Publishing: the revision rises by itself where visitors have to be asked again, and of two editors one is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from askfirst.core.errors import PolicyOvertaken
from askfirst.usecases.directory import index
from askfirst.usecases.publish_policy import Publication, publish_policy
from core.examples import draft, purpose
from support.places import Home, members
from support.staff import entries
from support.table_rows import row_counts

pytestmark = pytest.mark.each_database

_BOTH = ("en", "de")
_MORE = [purpose(each, *_BOTH) for each in ("necessary", "measurement", "embeds", "marketing")]


def publish(home: Home, *, ask_again: bool = False, expect: int | None = None, **changes: Any) -> Publication:
    return publish_policy(
        home.place.catalogue,
        "demo0001",
        draft(members(**changes)),
        reason="We begin to advertise.",
        by=home.place.by,
        ask_again=ask_again,
        expected_number=expect,
    )


def last_entry(home: Home) -> dict[str, Any]:
    return entries(home)[-1]


def test_a_first_policy_has_revision_one_and_no_cause(home: Home) -> None:
    """Nobody can be asked again who was never asked."""
    published = next(one for one in entries(home) if one["kind"] == "policy:published")

    assert (1, 1, []) == (published["number"], published["revision"], published["asks_again"])


def test_a_new_purpose_raises_the_revision_and_the_entry_says_why(home: Home) -> None:
    """Policy, answer and ledger entry say the same."""
    done = publish(home, purposes=_MORE)
    entry = last_entry(home)

    assert (2, 2, True) == (done.policy.number, done.policy.revision, done.changed)
    assert ("The purpose marketing is new.",) == done.asks_again
    assert (2, 2, ["The purpose marketing is new."]) == (entry["number"], entry["revision"], entry["asks_again"])
    assert [("purposes", "marketing")] == [one.path for one in done.differences]


def test_each_cause_is_a_sentence_of_its_own(home: Home) -> None:
    """Two causes raise the revision once."""
    controller = {**members()["controller"], "name": "Sample Ltd"}
    done = publish(home, purposes=_MORE, controller=controller)

    assert 2 == done.policy.revision
    assert [
        "The controller is “Sample Ltd” and no longer “Example Ltd”.",
        "The purpose marketing is new.",
    ] == last_entry(home)["asks_again"]


def test_other_words_ask_nobody_again(home: Home) -> None:
    """A new number under the same revision, and an entry without causes."""
    reworded = members()
    reworded["texts"]["en"]["text"] = "May we?"
    reworded["purposes"][1]["description"]["en"] = "We count visits."
    done = publish(home, **reworded)

    assert (2, 1, ()) == (done.policy.number, done.policy.revision, done.asks_again)
    assert 2 == len(done.differences)
    assert [] == last_entry(home)["asks_again"]


def test_asking_again_by_hand_adds_its_reason(home: Home) -> None:
    """Behind the causes that were found, or alone."""
    alone = publish(home, ask_again=True)
    both = publish(home, ask_again=True, purposes=_MORE)

    assert (2, ("We begin to advertise.",)) == (alone.policy.revision, alone.asks_again)
    assert (3, ("The purpose marketing is new.", "We begin to advertise.")) == (both.policy.revision, both.asks_again)


def test_an_editor_who_was_overtaken_is_told_and_nothing_is_stored(home: Home) -> None:
    """Also where the other one published the very same."""
    publish(home, expect=1, lifetime_days=90)
    before = row_counts(home.place.engine)
    for days in (90, 60):
        with pytest.raises(PolicyOvertaken, match="policy 2 is the newest") as told:
            publish(home, expect=1, lifetime_days=days)

    assert ("demo0001", 1, 2) == (told.value.site, told.value.expected, told.value.found)
    assert before == row_counts(home.place.engine)
    assert 3 == publish(home, expect=2, lifetime_days=60).policy.number


def test_of_two_editors_at_once_one_wins_and_the_other_is_told(home: Home) -> None:
    """Both began with policy 1 and meet at the database; the ledger has one entry more."""
    start = threading.Barrier(2)

    def one(days: int) -> int:
        start.wait(10)
        return publish(home, expect=1, lifetime_days=days).policy.number

    before = len(entries(home))
    with ThreadPoolExecutor(2) as threads:
        tried = [threads.submit(one, days) for days in (60, 90)]
        faults = [each.exception() for each in tried]

    assert [PolicyOvertaken] == [type(fault) for fault in faults if fault is not None]
    assert [2] == [each.result() for each, fault in zip(tried, faults, strict=True) if fault is None]
    assert before + 1 == len(entries(home))
    assert 2 == len(index(home.place.catalogue.snapshot()).sites["demo0001"].policies)


def test_without_an_expectation_both_are_published_one_after_the_other(home: Home) -> None:
    """The second one's differences are those to the first."""
    first, second = publish(home, lifetime_days=90), publish(home, lifetime_days=60)

    assert [2, 3] == [first.policy.number, second.policy.number]
    assert [(90, 60)] == [(one.before, one.after) for one in second.differences]
