"""What `ledger verify` notices when somebody's hand was in the database, and which entry it names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from askfirst.core.errors import CheckpointRefused
from askfirst.storage import tables as t
from askfirst.storage.engine import open_engine
from askfirst.storage.ledger import SqlLedger
from askfirst.usecases.keys import CHECKPOINT, active_key, rotate_key
from askfirst.usecases.publish_checkpoint import publish_checkpoint
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from support.backups import back_up, restored
from support.running_service import RunningService

pytestmark = pytest.mark.each_database

Hand = Callable[[Connection, bytes, int], object]


def verified(service: RunningService) -> Verification:
    place = service.home.place
    return verify_ledger(place.directory, place.ledger, 1, anchor=service.home.anchors.read(1))


def the_record(service: RunningService) -> tuple[bytes, int]:
    """Record two decisions, sequence and sign; return the first one's id and position."""
    service.accept()
    service.home.clock.forward(1)
    service.accept()
    service.settle()
    with service.home.place.engine.connect() as connection:
        found = connection.execute(
            select(t.leaf.c.entry_id, t.leaf.c.position)
            .join(t.record, t.record.c.record_id == t.leaf.c.entry_id)
            .order_by(t.leaf.c.position)
        ).first()
    assert found is not None
    return found.entry_id, found.position


def test_an_untouched_ledger_holds(service: RunningService) -> None:
    """No finding, every entry and checkpoint seen."""
    the_record(service)
    result = verified(service)

    assert [] == result.findings
    assert 1 == result.checkpoints
    assert service.home.place.ledger.head(1).size == result.size


def _swap(connection: Connection, _entry: bytes, position: int) -> None:
    rows = connection.execute(
        select(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position.in_([position, position + 1]))
    )
    first, second = sorted(rows, key=lambda row: row.position)
    for at, row in ((position + 1000, first), (position, second), (position + 1, first)):
        connection.execute(delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.entry_id == row.entry_id))
        values = {"log_id": 1, "position": at, "entry_id": row.entry_id, "leaf_hash": row.leaf_hash}
        connection.execute(t.leaf.insert().values(values))


HANDS: dict[str, tuple[Hand, str]] = {
    "what edited": (
        lambda c, e, _p: c.execute(update(t.entry).where(t.entry.c.entry_id == e).values(what=b"{}")),
        "it was altered",
    ),
    "who edited": (
        lambda c, e, _p: c.execute(update(t.entry).where(t.entry.c.entry_id == e).values(who=b"{}")),
        "it was altered",
    ),
    "leaf edited": (
        lambda c, e, _p: c.execute(update(t.entry).where(t.entry.c.entry_id == e).values(leaf=b"{}")),
        "does not have the hash",
    ),
    "search table edited": (
        lambda c, e, _p: c.execute(update(t.record).where(t.record.c.record_id == e).values(method="custom")),
        "the search table says something else in: method",
    ),
    "search row deleted": (
        lambda c, e, _p: c.execute(delete(t.record).where(t.record.c.record_id == e)),
        "is missing from the search table",
    ),
    "opening deleted": (
        lambda c, e, _p: c.execute(
            update(t.entry).where(t.entry.c.entry_id == e).values(what=None, what_salt=None, who=None, who_salt=None)
        ),
        "no entry says that it was forgotten",
    ),
    "leaf dropped": (
        lambda c, e, _p: c.execute(delete(t.leaf).where(t.leaf.c.entry_id == e)),
        "removed or renumbered",
    ),
    "leaf hash edited": (
        lambda c, e, _p: c.execute(update(t.leaf).where(t.leaf.c.entry_id == e).values(leaf_hash=bytes(32))),
        "does not have the hash",
    ),
}


@pytest.mark.parametrize("name", HANDS)
def test_a_hand_in_the_database_is_named_with_its_entry(service: RunningService, name: str) -> None:
    """The first bad position is the altered entry's, and the sentence says what was done."""
    hand, said = HANDS[name]
    entry_id, position = the_record(service)
    with service.home.place.engine.begin() as connection:
        hand(connection, entry_id, position)
    result = verified(service)

    assert position == result.first_bad
    assert any(said in str(found) for found in result.findings), result.findings


def test_two_swapped_leaves_do_not_give_the_signed_root(service: RunningService) -> None:
    """Each entry is genuine, but not in its place."""
    entry_id, position = the_record(service)
    with service.home.place.engine.begin() as connection:
        _swap(connection, entry_id, position)

    assert not verified(service).holds


def test_a_cut_tail_is_noticed_by_the_checkpoint(service: RunningService) -> None:
    """What is left is whole, but more was signed for."""
    _entry, position = the_record(service)
    with service.home.place.engine.begin() as connection:
        connection.execute(delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position > position))
    result = verified(service)

    assert any("the log was cut" in str(found) for found in result.findings)


def test_an_edited_tile_is_noticed(service: RunningService) -> None:
    """Proofs are read from tiles, so tiles have to be what the entries give."""
    the_record(service)
    with service.home.place.engine.begin() as connection:
        connection.execute(update(t.tile).where(t.tile.c.log_id == 1).values(hashes=bytes(32)))

    assert any("is not what the entries give" in str(found) for found in verified(service).findings)


def test_a_checkpoint_of_another_key_does_not_hold(service: RunningService) -> None:
    """A rebuilt log signed by somebody else is not this log."""
    the_record(service)
    with service.home.place.engine.begin() as connection:
        theirs = connection.execute(select(t.checkpoint.c.note).where(t.checkpoint.c.log_id == 2)).scalar_one()
        connection.execute(update(t.checkpoint).where(t.checkpoint.c.log_id == 1).values(note=theirs))

    assert any("does not hold" in str(found) for found in verified(service).findings)


def test_a_restored_older_database_is_never_signed(service: RunningService, tmp_path: Path) -> None:
    """The last checkpoint outside the database remembers what the backup has forgotten."""
    place = service.home.place
    the_record(service)
    back_up(service.home, tmp_path / "backup")
    service.accept()
    service.settle()
    engine = open_engine(restored(service.home, tmp_path / "backup"))
    key = active_key(place.catalogue.snapshot().keys, place.keys, 1, CHECKPOINT)
    with pytest.raises(CheckpointRefused, match="entries that were signed for are missing"):
        publish_checkpoint(
            SqlLedger(engine), service.home.anchors, service.home.organisation(), key, clock=place.by.clock
        )
    engine.dispose()


def test_after_a_rotation_the_new_key_goes_on_from_the_old_ones_checkpoint(service: RunningService) -> None:
    """The last checkpoint is the old key's, and it still counts."""
    place = service.home.place
    the_record(service)
    rotate_key(place.catalogue, place.keys, service.home.organisation(), CHECKPOINT, by=place.by)
    service.node.refresh()
    service.settle()
    last = place.ledger.last_checkpoint(1)

    assert last is not None
    assert place.ledger.head(1).size == last.size
    assert verified(service).holds
