"""What `ledger verify` notices of sites, tokens, staff, webhooks, holds, alerts and counts that were altered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update

from askfirst.storage import tables as t
from askfirst.storage.forgetting import SqlForgetting
from askfirst.usecases.erase import erase_record
from askfirst.usecases.holds import place_hold
from askfirst.usecases.keys import RECEIPT, rotate_key
from askfirst.usecases.set_up import change_retention
from askfirst.usecases.verify_ledger import verify_ledger
from support.altered_log import change, leaves, said, verified
from support.places import publish
from support.running_service import RunningService
from support.time_and_ids import HOUR
from support.used_log import use

pytestmark = pytest.mark.each_database

SITE = t.site.c.site_key == "demo0001"


@pytest.fixture
def used(log: RunningService) -> dict[str, str]:
    """Give a log in which everything was made and changed, with the ids of what there is."""
    return use(log)


def test_what_was_done_in_order_is_no_fault(log: RunningService, used: dict[str, str]) -> None:
    """Every change that left its entry, in any order."""
    assert [] == said(verified(log.home, log.home.anchors.read(1)))


def test_a_row_has_the_time_of_its_entry(log: RunningService) -> None:
    """Also where the clock goes on between two looks at it, as every real one does."""
    log.home.clock.go_on()
    use(log)
    place = log.home.place
    publish(place, "demo0001", lifetime_days=30)
    rotate_key(place.catalogue, place.keys, log.home.organisation(), RECEIPT, by=place.by)
    log.settle()

    assert [] == said(verified(log.home))


def _of(column: Any, text: str) -> Any:
    return column == UUID(text).bytes


def _set(column: Any, named: str, **values: Any) -> Callable[[dict[str, str]], Any]:
    """Return what gives the row these values whose id in this column has this name."""
    return lambda ids: update(column.table).where(_of(column, ids[named])).values(**values)


HANDS: dict[str, tuple[Callable[[dict[str, str]], Any], str]] = {
    "an origin was let in": (
        lambda _: update(t.site).where(SITE).values(origins='["https://evil.example"]'),
        "the site demo0001 has another origins than was said last",
    ),
    "a retention was lengthened": (
        lambda _: update(t.site).where(SITE).values(retention_days=0),
        "the site demo0001 has another retention_days than was said last",
    ),
    "alerts were switched off": (
        lambda _: update(t.site).where(SITE).values(alerts=False),
        "the site demo0001 has another alerts than was said last",
    ),
    "a site was shut": (
        lambda _: update(t.site).where(SITE).values(disabled_at=1),
        "the site demo0001 has another disabled than was said last",
    ),
    "a token got a greater role": (
        _set(t.token.c.token_id, "token", role="owner"),
        "the token {token} has another role than was said last",
    ),
    "a token lives longer": (
        _set(t.token.c.token_id, "token", expires_at=9_999_999_999_999),
        "the token {token} has another expires than was said last",
    ),
    "a token was revived": (
        _set(t.token.c.token_id, "revoked", revoked_at=None),
        "the token {revoked} has another revoked than was said last",
    ),
    "a webhook was paused": (
        _set(t.webhook.c.webhook_id, "webhook", paused_at=1),
        "the webhook {webhook} has another paused than was said last",
    ),
    "an alert was ended": (
        _set(t.alert.c.alert_id, "flood", ended_at=1),
        "the alert {flood} has another ended than was said last",
    ),
    "an alert was moved to another site": (
        _set(t.alert.c.alert_id, "flood", site_key="shop0001"),
        "the alert {flood} has another site than was said last",
    ),
    "an alert was forgotten again": (
        _set(t.alert.c.alert_id, "flood", acknowledged_at=None),
        "the alert {flood} has another acknowledged than was said last",
    ),
    "an alert was deleted": (
        lambda ids: delete(t.alert).where(_of(t.alert.c.alert_id, ids["late"])),
        "the alert {late} that it speaks of is missing",
    ),
    "a token was deleted": (
        lambda ids: delete(t.token).where(_of(t.token.c.token_id, ids["token"])),
        "the token {token} that it speaks of is missing",
    ),
    "a member got a greater role": (
        _set(t.staff.c.staff_id, "member", role="owner"),
        "the staff member {member} has another role than was said last",
    ),
    "a member was let in again": (
        _set(t.staff.c.staff_id, "member", disabled_at=None),
        "the staff member {member} has another disabled than was said last",
    ),
    "a webhook leads elsewhere": (
        lambda _: update(t.webhook).values(url="https://evil.example/"),
        "the webhook {webhook} has another url than was said last",
    ),
    "a hold was let go": (
        _set(t.hold.c.hold_id, "hold", lifted_at=1),
        "the hold {hold} has another lifted than was said last",
    ),
    "a hold is on another site": (
        _set(t.hold.c.hold_id, "hold", site_key="shop0001"),
        "the hold {hold} has another site than was said last",
    ),
    "a hold begins later": (
        _set(t.hold.c.hold_id, "hold", first_record=b"\x01" * 16),
        "the hold {hold} has another first than was said last",
    ),
    "a hold ends sooner": (
        _set(t.hold.c.hold_id, "hold", before_record=bytes(16)),
        "the hold {hold} has another before than was said last",
    ),
    "a hold of a site is about somebody": (
        _set(t.hold.c.hold_id, "hold", subject="a" * 21),
        "the hold {hold} has another person than was said last",
    ),
    "a hold of a person is about somebody else": (
        _set(t.hold.c.hold_id, "person", subject="a" * 21),
        "the hold {person} has another person than was said last",
    ),
    "a hold of a person is about nobody": (
        _set(t.hold.c.hold_id, "person", subject=""),
        "the hold {person} has another person than was said last",
    ),
    "a hold of a person is about everybody": (
        _set(t.hold.c.hold_id, "person", subject=None),
        "the hold {person} has another person than was said last",
    ),
    "a hold has another reason": (
        _set(t.hold.c.hold_id, "hold", reason="None at all."),
        "the hold {hold} has another reason than was said last",
    ),
    "a hold was placed by somebody else": (
        _set(t.hold.c.hold_id, "person", staff="eve"),
        "the hold {person} has another placed_by than was said last",
    ),
    "a hold was placed by nobody": (
        _set(t.hold.c.hold_id, "lifted", staff=None),
        "the hold {lifted} has another placed_by than was said last",
    ),
    "a hold was placed earlier": (
        _set(t.hold.c.hold_id, "hold", placed_at=1),
        "the hold {hold} has another placed_at than was said last",
    ),
    "a hold was lifted earlier": (
        _set(t.hold.c.hold_id, "lifted", lifted_at=1),
        "the hold {lifted} has another lifted than was said last",
    ),
    "an alert was raised earlier": (
        _set(t.alert.c.alert_id, "flood", raised_at=1),
        "the alert {flood} has another raised_at than was said last",
    ),
    "an alert was acknowledged earlier": (
        _set(t.alert.c.alert_id, "flood", acknowledged_at=1),
        "the alert {flood} has another acknowledged than was said last",
    ),
    "an alert was acknowledged by somebody else": (
        _set(t.alert.c.alert_id, "flood", acknowledged_by="eve"),
        "the alert {flood} has another acknowledged_by than was said last",
    ),
    "an alert is over since another time": (
        _set(t.alert.c.alert_id, "late", ended_at=1),
        "the alert {late} has another ended than was said last",
    ),
    "a token was made earlier": (
        _set(t.token.c.token_id, "token", created_at=1),
        "the token {token} has another created_at than was said last",
    ),
    "a token was revoked earlier": (
        _set(t.token.c.token_id, "revoked", revoked_at=1),
        "the token {revoked} has another revoked than was said last",
    ),
    "a member was shut out earlier": (
        _set(t.staff.c.staff_id, "member", disabled_at=1),
        "the staff member {member} has another disabled than was said last",
    ),
    "a member is spoken to in another language": (
        _set(t.staff.c.staff_id, "owner", language="de"),
        "the staff member {owner} has another language than was said last",
    ),
    "a webhook was made earlier": (
        _set(t.webhook.c.webhook_id, "webhook", created_at=1),
        "the webhook {webhook} has another created_at than was said last",
    ),
    "a site was made earlier": (
        lambda _: update(t.site).where(SITE).values(created_at=1),
        "the site demo0001 has another created_at than was said last",
    ),
    "the organisation was made earlier": (
        lambda _: update(t.organisation).where(t.organisation.c.log_id == 1).values(created_at=1),
        "the organisation example has another created_at than was said last",
    ),
    "a hold was deleted": (
        lambda ids: delete(t.hold).where(_of(t.hold.c.hold_id, ids["lifted"])),
        "the hold {lifted} that it speaks of is missing",
    ),
}


@pytest.mark.parametrize("name", HANDS)
def test_a_row_that_somebody_altered_is_named_with_the_entry_that_says_otherwise(
    log: RunningService, used: dict[str, str], name: str
) -> None:
    """One finding, at the entry that was the last word about the row."""
    hand, expected = HANDS[name]
    change(log.home, hand(used))
    result = verified(log.home)

    assert result.first_bad is not None
    assert [f"Entry {result.first_bad}: {expected.format(**used)}"] == said(result)


def test_rows_that_were_slipped_in_are_named(log: RunningService, used: dict[str, str]) -> None:
    """Somebody who could sign in, or a program that could read, and no entry says so."""
    stranger = UUID(int=7)
    rows = {"log_id": 1, "name": "x", "role": "owner", "sites": None, "created_at": 1}
    change(
        log.home,
        insert(t.staff).values({**rows, "staff_id": stranger.bytes, "login": "eve"}),
        insert(t.token).values({**rows, "token_id": stranger.bytes, "secret_hash": b"\x07" * 32, "expires_at": 2}),
        insert(t.site).values(log_id=1, site_key="evil0001", name="x", origins="[]", created_at=1),
    )

    assert [
        "The site evil0001 was never announced by an entry.",
        f"The staff member {stranger} was never announced by an entry.",
        f"The token {stranger} was never announced by an entry.",
    ] == sorted(said(verified(log.home)))


def test_what_changes_meanwhile_is_no_fault(log: RunningService, used: dict[str, str]) -> None:
    """A change whose entry still waits for its place is not held against the entries before it."""
    place = log.home.place
    change_retention(place.catalogue, place.directory().sites["shop0001"].site, 7, by=place.by)

    assert [] == said(verified(log.home))


def test_a_hold_that_ended_by_itself_need_not_say_whom_it_was_about(log: RunningService) -> None:
    """Before its end it has to; after it, it is blanked with the next erasure, and the person's records may go."""
    home, record = log.home, leaves(log.home)[-1].entry_id
    until, by = home.clock() + HOUR, home.place.by
    place_hold(home.place.forgetting, 1, record_id=record, reason="A dispute.", until=until, by=by)
    log.settle()
    home.clock.forward(2 * HOUR)
    erase_record(home.place.forgetting, 1, str(UUID(bytes=record)), reason="Asked for.", by=by)
    log.settle()
    before, after, unknown = (
        said(verify_ledger(home.place.directory, home.place.ledger, 1, clock=clock))
        for clock in (lambda: until - 1, lambda: until, None)
    )

    assert [True] == ["has another person than was said last" in line for line in before]
    assert ([], []) == (after, unknown)


@pytest.mark.parametrize(
    "values",
    [{"count": t.rollup.c.count + 1}, {"count": t.rollup.c.count - 1}, {"value": t.rollup.c.value + "x"}],
    ids=["more", "fewer", "another value"],
)
@pytest.mark.parametrize("dimension", ["method", "language", "policy", "rule", "granted"])
def test_a_count_that_somebody_altered_is_named(log: RunningService, dimension: str, values: dict[str, Any]) -> None:
    """Statistics are read from counts; each has to be what the records give."""
    change(log.home, update(t.rollup).where(t.rollup.c.log_id == 1, t.rollup.c.dimension == dimension).values(values))

    assert ["The statistics of site demo0001 for the hour of 2026-06-15 12:00 UTC are not what its records give."] == [
        one for one in said(verified(log.home)) if "statistics" in one
    ]


def test_what_was_forgotten_stays_counted(log: RunningService) -> None:
    """A statistic is no record: it holds after an erasure, and nothing more than the erased may be added."""
    record = log.accept()["record"]
    log.settle()
    erase_record(SqlForgetting(log.home.place.engine), 1, record, reason="Asked.", by=log.home.place.by)
    log.settle()
    held = said(verified(log.home))
    change(log.home, update(t.rollup).where(t.rollup.c.log_id == 1).values(count=t.rollup.c.count + 1))

    assert [] == held
    assert any("statistics of site demo0001" in one for one in said(verified(log.home)))
