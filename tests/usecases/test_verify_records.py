"""What `ledger verify` notices of search rows, receipts and content that were altered or deleted."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from askfirst.core.canonical import b64url, canonical_json
from askfirst.core.kinds import EntryKind
from askfirst.core.record import entry_what, entry_who
from askfirst.storage import tables as t
from askfirst.usecases.entries import seal
from askfirst.usecases.erase import erase_record
from askfirst.usecases.keys import RECEIPT, rotate_key
from askfirst.usecases.rows import Forgettable, Tombstone
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst_sdk.receipt import DAY
from askfirst_sdk.subject import make_subject
from askfirst_sdk.token import claimed_payload
from support.altered_log import change, last, leaves, said, verified
from support.drafts import ANOTHER
from support.places import publish
from support.running_service import RunningService
from support.writing import open_batches

pytestmark = pytest.mark.each_database

_NOTHING: dict[str, Any] = {"what": None, "what_salt": None, "who": None, "who_salt": None}

COLUMNS: dict[str, dict[str, Any]] = {
    "subject": {"subject": None},
    "server_time": {"server_time": 1},
    "method": {"method": "custom"},
    "policy_number": {"policy_number": 2},
    "language": {"language": "de"},
    "granted": {"granted": ",measurement,"},
    "refused": {"refused": ",embeds,"},
    "origin": {"origin": "https://elsewhere.example"},
    "rule": {"rule": "us"},
    "late": {"late": True},
    "account": {"account": "somebody's"},
}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_search_table_is_held_against_the_entry(log: RunningService, column: str) -> None:
    """Whatever an auditor searches by is what was committed to, and the entry is named."""
    row = leaves(log.home)[-2]
    change(log.home, update(t.record).where(t.record.c.record_id == row.entry_id).values(**COLUMNS[column]))

    expected = f"Entry {row.position}: the search table says something else in: {column}"
    assert [expected] == said(verified(log.home))


def test_every_column_of_the_search_table_is_in_that_list() -> None:
    """A column that is added later is held against the entry too, or is one of those that are checked otherwise."""
    otherwise = {"log_id", "record_id", "site_key", "receipt"}

    assert {column.name for column in t.record.columns} == COLUMNS.keys() | otherwise


@pytest.mark.parametrize(
    ("receipt", "expected"),
    [
        (None, "The receipt is not kept any more."),
        ("", "The receipt is not kept any more."),
        ("altered", "The receipt does not hold"),
        ("another subject's", "it is the receipt of another answer"),
        ("the same subject's", "it promises another entry of the ledger"),
        ("refusal", "it is the receipt of another answer"),
    ],
)
def test_a_receipt_that_is_not_this_records_is_named(log: RunningService, receipt: str | None, expected: str) -> None:
    """Altered, exchanged and deleted receipts are found."""
    row, other = leaves(log.home)[-2:]
    with log.home.place.engine.connect() as connection:
        kept = dict(connection.execute(select(t.record.c.record_id, t.record.c.receipt)).all())
    middle = len(kept[row.entry_id]) // 2
    swapped = "A" if kept[row.entry_id][middle] != "A" else "B"
    values = {
        "altered": kept[row.entry_id][:middle] + swapped + kept[row.entry_id][middle + 1 :],
        "another subject's": kept[other.entry_id],
        "the same subject's": log.accept(receipt=kept[row.entry_id])["receipt"],
        "refusal": log.refuse()["receipt"],
    }
    put = values.get(receipt or "", receipt)
    change(log.home, update(t.record).where(t.record.c.record_id == row.entry_id).values(receipt=put))
    result = verified(log.home)

    assert row.position == result.first_bad
    assert any(expected in line for line in said(result)), said(result)


def test_receipts_of_retired_and_revoked_keys_were_signed_all_the_same(log: RunningService) -> None:
    """A revoked key is believed no more, but its records are no forgeries."""
    place = log.home.place
    rotate_key(place.catalogue, place.keys, log.home.organisation(), RECEIPT, by=place.by)
    log.node.refresh()
    log.accept()
    log.settle()

    assert [] == said(verified(log.home))


def test_a_record_that_no_entry_made_is_noticed(log: RunningService) -> None:
    """A row that was slipped into the search table would be listed to auditors: it is counted as stray."""
    with log.home.place.engine.begin() as connection:
        row = dict(connection.execute(select(t.record).limit(1)).mappings().one())
        connection.execute(insert(t.record).values({**row, "record_id": bytes(16)}))

    assert ["The search table has 1 record(s) that no entry of the ledger made."] == said(verified(log.home))


def _forget(log: RunningService, *, by_entry: bool) -> int:
    row = leaves(log.home)[-2]
    change(log.home, update(t.entry).where(t.entry.c.entry_id == row.entry_id).values(**_NOTHING))
    if by_entry:
        home = log.home
        entry_id = home.random.entry_id(home.clock())
        name = str(UUID(bytes=entry_id))
        tombstone = {
            "record_id": row.entry_id,
            "entry_id": entry_id,
            "site_key": "demo0001",
            "forgotten_at": home.clock(),
        }
        change(
            home,
            delete(t.record).where(t.record.c.record_id == row.entry_id),
            insert(t.tombstone).values(log_id=1, kind=EntryKind.RECORD_ERASED.value, **tombstone),
        )
        members = {"record": str(UUID(bytes=row.entry_id)), "site": "demo0001", "reason": "asked for"}
        what = entry_what(EntryKind.RECORD_ERASED, name, home.clock(), **members)
        kind, leaf = EntryKind.RECORD_ERASED, row.leaf_hash
        batches = open_batches(home.settings)
        batches.commit([seal(1, entry_id, kind, what, entry_who(name, "owner"), home.random, leaf)])
        batches.close()
        log.settle()
    return int(row.position)


def test_content_that_was_forgotten_in_order_is_no_fault(log: RunningService) -> None:
    """With the entry that says so a missing opening is counted as forgotten, and the log still holds."""
    _forget(log, by_entry=True)
    result = verified(log.home)

    assert ([], 1) == (said(result), result.erased)


def test_content_that_was_deleted_in_silence_is_a_fault(log: RunningService) -> None:
    """Quiet deletion does not pass as erasure."""
    position = _forget(log, by_entry=False)

    expected = f"Entry {position}: its content was deleted, and no entry says that it was forgotten"
    assert [expected] == said(verified(log.home))


def test_an_erasure_of_another_entry_does_not_excuse_this_one(log: RunningService) -> None:
    """The erasing entry names the very leaf that it forgot."""
    _forget(log, by_entry=True)
    row = leaves(log.home)[-4]
    change(log.home, update(t.entry).where(t.entry.c.entry_id == row.entry_id).values(who=None, who_salt=None))

    assert row.position == verified(log.home).first_bad


def _said_to_be_erased(log: RunningService, row: Any) -> None:
    """Append a record:erased entry, well committed, that names the leaf of a row."""
    home = log.home
    entry_id = home.random.entry_id(home.clock())
    name, record = str(UUID(bytes=entry_id)), str(UUID(bytes=row.entry_id))
    what = entry_what(EntryKind.RECORD_ERASED, name, home.clock(), record=record, site="demo0001", reason="Asked for.")
    batches = open_batches(home.settings)
    batches.commit(
        [seal(1, entry_id, EntryKind.RECORD_ERASED, what, entry_who(name, None), home.random, row.leaf_hash)]
    )
    batches.close()
    log.settle()


def test_nothing_but_a_decision_can_be_forgotten(log: RunningService) -> None:
    """An entry of staff whose content is gone is a fault, also where another one says that it was erased."""
    with log.home.place.engine.connect() as connection:
        kind = connection.execute(
            select(t.entry.c.entry_id).where(t.entry.c.log_id == 1, t.entry.c.kind == EntryKind.SITE_CREATED)
        )
        created = {one.entry_id for one in kind}
    row = next(one for one in leaves(log.home) if one.entry_id in created)
    _said_to_be_erased(log, row)
    change(log.home, update(t.entry).where(t.entry.c.entry_id == row.entry_id).values(**_NOTHING))
    result = verified(log.home)

    expected = f"Entry {row.position}: its content was deleted, but only a decision is ever forgotten"
    assert expected in said(result)
    assert (row.position, 0) == (result.first_bad, result.erased)


@pytest.mark.parametrize("kept", ["what", "what_salt", "who", "who_salt"])
def test_half_an_erasure_is_none(log: RunningService, kept: str) -> None:
    """Of what was forgotten nothing may be left or put back: not a part, and not a salt by which it can be tested."""
    row = leaves(log.home)[-2]
    with log.home.place.engine.connect() as connection:
        before = connection.execute(select(t.entry).where(t.entry.c.entry_id == row.entry_id)).mappings().one()
    position = _forget(log, by_entry=True)
    change(log.home, update(t.entry).where(t.entry.c.entry_id == row.entry_id).values({kept: before[kept]}))
    result = verified(log.home)

    assert f"Entry {position}: some of its content was deleted, and some is still here" in said(result)
    assert 0 == result.erased


def _erased(log: RunningService) -> tuple[int, bytes]:
    """Forget the last decision; return the position of the entry that says so, and the record's id."""
    record = leaves(log.home)[-1].entry_id
    erase_record(log.home.place.forgetting, 1, str(UUID(bytes=record)), reason="Asked for.", by=log.home.place.by)
    log.settle()
    return last(log.home), record


@pytest.mark.parametrize(
    "values",
    [
        {"record_id": bytes(16)},
        {"entry_id": bytes(16)},
        {"site_key": "shop0001"},
        {"kind": "record:retained"},
        {"forgotten_at": 1},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_tombstone_says_what_the_entry_says_that_left_it(log: RunningService, values: dict[str, Any]) -> None:
    """Which record went, when, by which entry and of which site."""
    position, _ = _erased(log)
    held = said(verified(log.home))
    change(log.home, update(t.tombstone).where(t.tombstone.c.log_id == 1).values(values))

    expected = f"Entry {position}: the tombstone of what it forgot is missing or was altered"
    assert ([], expected) == (held, said(verified(log.home))[0])


def test_a_tombstone_that_was_deleted_is_missed(log: RunningService) -> None:
    """Without it, whoever asks about a bundle is told that the record is still kept."""
    position, _ = _erased(log)
    change(log.home, delete(t.tombstone).where(t.tombstone.c.log_id == 1))
    lines = said(verified(log.home))

    assert f"Entry {position}: the tombstone of what it forgot is missing or was altered" in lines


@pytest.mark.parametrize("by", ["no entry", "the entry of another", "an entry of another kind"])
def test_a_tombstone_of_what_was_never_forgotten_is_noticed(log: RunningService, by: str) -> None:
    """It would let a receipt in force be answered with `erased`, and statistics be raised."""
    position, _ = _erased(log)
    kept = leaves(log.home)[-4].entry_id
    entry_id = {
        "no entry": bytes(16),
        "the entry of another": leaves(log.home)[position].entry_id,
        "an entry of another kind": leaves(log.home)[0].entry_id,
    }[by]
    values = {"record_id": kept, "entry_id": entry_id, "site_key": "demo0001", "kind": "record:erased"}
    change(log.home, insert(t.tombstone).values(log_id=1, forgotten_at=1, **values))

    assert [
        f"Entry {position}: the tombstone of what it forgot is missing or was altered"
        if by == "the entry of another"
        else "1 tombstone(s) are of what no entry says was forgotten."
    ] == said(verified(log.home))


def test_an_erasure_names_the_record_whose_content_went(log: RunningService) -> None:
    """One that names another record by its id than by the hash of its leaf would say that one in force is gone."""
    kept, gone = leaves(log.home)[-2:]
    home = log.home
    entry_id = home.random.entry_id(home.clock())
    name, record = str(UUID(bytes=entry_id)), str(UUID(bytes=kept.entry_id))
    what = entry_what(EntryKind.RECORD_ERASED, name, home.clock(), record=record, site="demo0001", reason="x")
    entry = seal(1, entry_id, EntryKind.RECORD_ERASED, what, entry_who(name, None), home.random, gone.leaf_hash)
    found = Forgettable(gone.entry_id, "demo0001", b"")
    stone = Tombstone(1, kept.entry_id, entry_id, "demo0001", EntryKind.RECORD_ERASED.value, home.clock())
    with home.place.forgetting.transaction() as transaction:
        transaction.forget(found, stone, entry)
    log.settle()

    expected = f"Entry {last(home)}: it names another record than the one that was forgotten"
    assert [expected] == said(verified(home))


def test_receipts_of_two_policies_that_were_exchanged_are_named(log: RunningService) -> None:
    """A refusal's receipt is the same for all of its day, but it names the policy that was refused."""
    home, of_first = log.home, log.refuse()["receipt"]
    log.settle()
    first = leaves(home)[-1]
    publish(home.place, "demo0001", controller=ANOTHER)
    log.settle()
    of_second = log.refuse()["receipt"]
    log.settle()
    second = leaves(home)[-1]
    for row, put in ((first, of_second), (second, of_first)):
        change(home, update(t.record).where(t.record.c.record_id == row.entry_id).values(receipt=put))

    expected = "The receipt is genuine, but it is the receipt of another answer."
    assert [f"Entry {row.position}: {expected}" for row in (first, second)] == said(verified(home))


@pytest.mark.parametrize("member", ["pol", "rev", "m", "gpc", "exp", "rule", "rec", "sub"])
def test_without_signatures_what_a_receipt_says_is_held_against_its_entry(log: RunningService, member: str) -> None:
    """Whatever it says of the answer, and not only whether it was allowed."""
    home, row = log.home, leaves(log.home)[-2]
    other = {"pol": b64url(bytes(16)), "rev": 2, "m": "custom", "gpc": True, "rule": "us"}
    other |= {"rec": "01a22ffd-1477-7163-87ee-c1202d17bf5d", "sub": make_subject(1, 1)}
    with home.place.engine.connect() as connection:
        kept = connection.execute(select(t.record.c.receipt).where(t.record.c.record_id == row.entry_id)).scalar_one()
    payload = json.loads(claimed_payload(kept))
    payload[member] = other.get(member, payload["exp"] + DAY)
    forged = f"{b64url(canonical_json(payload))}.{kept.partition('.')[2]}"
    change(home, update(t.record).where(t.record.c.record_id == row.entry_id).values(receipt=forged))
    found = verify_ledger(home.place.directory, home.place.ledger, 1, signatures=False)

    expected = "promises another entry of the ledger" if member == "rec" else "is the receipt of another answer"
    assert [f"Entry {row.position}: The receipt is genuine, but it {expected}."] == said(found)
