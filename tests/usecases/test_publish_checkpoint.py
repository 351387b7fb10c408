"""A head is signed only if it continues what was signed before, inside the database and outside."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from askfirst.core.checkpoint import open_checkpoint
from askfirst.core.errors import CheckpointRefused, LedgerFault
from askfirst.core.frontier import Frontier, grow
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.usecases.keys import CHECKPOINT, active_key, revoke_key, rotate_key
from support.altered_log import change, leaves, said, verified
from support.backups import back_up, restored
from support.places import Home, open_home, settings_of
from support.running_service import RunningService, run_service
from support.signing import add_entries, sign
from support.staff import entries
from support.table_rows import alter

pytestmark = pytest.mark.each_database


def signed(home: Home) -> list[int]:
    return [one.size for one in home.place.ledger.checkpoints(1)]


def test_a_head_is_signed_once(home: Home) -> None:
    """What was signed is kept in the database and outside, and nothing is signed again until the log grows."""
    add_entries(home)
    first, again = sign(home), sign(home)
    add_entries(home, 1)
    second = sign(home)

    assert first is not None
    assert second is not None
    assert again is None
    assert [first.size, first.size + 1] == [first.size, second.size] == signed(home)
    assert second.note == home.anchors.read(1)
    key = active_key(home.place.catalogue.snapshot().keys, home.place.keys, 1, CHECKPOINT)
    body = open_checkpoint(second.note.encode(), "consent.example.net/log/example", [key.verifier])
    assert (second.size, second.root) == (body.size, body.root)


def test_an_empty_log_is_not_signed(home: Home) -> None:
    """Before the first entry has its place there is nothing to promise."""
    assert sign(home) is None
    assert home.anchors.read(1) is None


@pytest.mark.parametrize("outside", [False, True], ids=["known to the database", "known outside alone"])
def test_a_log_that_was_cut_is_not_signed(home: Home, outside: bool) -> None:
    """A head that is smaller than what was signed is refused, whoever remembers."""
    add_entries(home)
    sign(home)
    _cut(home)
    if outside:
        change(home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1))

    with pytest.raises(CheckpointRefused, match="entries that were signed for are missing; close this log") as refused:
        sign(home)
    assert refused.value.last_size == refused.value.size + 1


@pytest.mark.parametrize("grown", [0, 1, 300])
@pytest.mark.parametrize("outside", [False, True], ids=["known to the database", "known outside alone"])
def test_a_log_that_went_on_differently_is_not_signed(home: Home, outside: bool, grown: int) -> None:
    """The same size or a greater one with another beginning is no continuation, also after the log has grown again."""
    add_entries(home)
    sign(home)
    _cut(home)
    add_entries(home, 1 + grown)
    if outside:
        change(home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1))
    before = signed(home), home.anchors.read(1)

    with pytest.raises(CheckpointRefused, match="it is not a continuation of that one"):
        sign(home)
    assert before == (signed(home), home.anchors.read(1))


def _cut(home: Home) -> None:
    """Take the last entry of log 1 out, as a restored backup would."""
    last = leaves(home)[-1]
    change(home, delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == last.position))
    grown, _full = grow(Frontier(), [row.leaf_hash for row in leaves(home)])
    change(
        home,
        delete(t.entry).where(t.entry.c.entry_id == last.entry_id),
        update(t.tile).where(t.tile.c.log_id == 1, t.tile.c.level == 0).values(hashes=grown.edge[0]),
        update(t.head).where(t.head.c.log_id == 1).values(size=grown.size, root=grown.root),
    )


def test_a_restored_backup_is_not_signed_even_when_it_has_grown(service: RunningService, tmp_path: Path) -> None:
    """An older backup, restored and used, contradicts the checkpoint that was kept outside."""
    home = service.home
    service.accept()
    service.settle()
    back_up(home, tmp_path / "backup")
    service.accept()
    service.settle()
    settings = settings_of(home.settings.home, database_url=restored(home, tmp_path / "backup"))
    older = open_home(settings, home.clock, home.random)

    with pytest.raises(CheckpointRefused, match="entries that were signed for are missing"):
        sign(older)
    add_entries(older, 5)
    with pytest.raises(CheckpointRefused, match="it is not a continuation"):
        sign(older)
    older.close()


def test_after_a_refusal_visitors_are_still_answered(service: RunningService, caplog: pytest.LogCaptureFixture) -> None:
    """The service says loudly that it can not sign, goes on to record, and signs the other organisation's log."""
    home = service.home
    service.accept()
    service.settle()
    _cut(home)
    service.accept("other0001")
    with caplog.at_level(logging.CRITICAL, "askfirst"):
        service.settle()

    assert "no checkpoint for example: A checkpoint of size" in caplog.text
    assert 201 == service.post(service.decision()).status_code
    head, last = home.place.ledger.head(2), home.place.ledger.last_checkpoint(2)
    assert last is not None
    assert head.size == last.size


def test_a_refusal_is_said_once_and_is_an_entry(service: RunningService, caplog: pytest.LogCaptureFixture) -> None:
    """Not each second: once in the process's log and once in the ledger, with both sizes and roots."""
    home = service.home
    service.accept()
    service.settle()
    last = home.place.ledger.last_checkpoint(1)
    assert last is not None
    _cut(home)
    head = home.place.ledger.head(1)
    with caplog.at_level(logging.CRITICAL, "askfirst"):
        for _ in range(3):
            service.node.publish()
    said = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    found = entries(home, EntryKind.CHECKPOINT_REFUSED)

    assert (1, 1) == (len(said), len(found))
    assert (head.size, head.root.hex(), last.size, last.root.hex()) == tuple(
        found[0][name] for name in ("size", "root", "last_size", "last_root")
    )
    assert "entries that were signed for are missing" == found[0]["reason"]


@pytest.mark.parametrize("damage", ["empty", "garbage", "edited", "of another log"])
def test_a_damaged_anchor_stops_the_signing(home: Home, damage: str) -> None:
    """Whatever is outside and can not be believed is a doubt, and in doubt nothing is signed."""
    add_entries(home)
    sign(home)
    note = home.anchors.read(1) or ""
    content = {
        "empty": "",
        "garbage": "\x00",
        "edited": note.replace("\n", "\n1", 1),
        "of another log": note.replace("log/example", "log/another"),
    }[damage]
    home.anchors.write(1, content)
    add_entries(home, 1)

    with pytest.raises(LedgerFault):
        sign(home)
    assert content == home.anchors.read(1)
    assert 1 == len(signed(home))


def test_a_log_that_was_renamed_by_hand_is_not_signed(home: Home) -> None:
    """The new name would set aside what was signed under the old one; the key has the log's own."""
    add_entries(home)
    sign(home)
    before = home.anchors.read(1)
    _cut(home)
    change(
        home,
        delete(t.checkpoint).where(t.checkpoint.c.log_id == 1),
        update(t.organisation).where(t.organisation.c.log_id == 1).values(origin="x"),
    )

    with pytest.raises(LedgerFault, match="The log is named x, and its key consent"):
        sign(home)
    assert before == home.anchors.read(1)


def test_an_anchor_that_is_no_text_stops_the_signing_and_is_named(home: Home) -> None:
    """A file that a disk destroyed is a doubt as well, and not an error that nobody understands."""
    add_entries(home)
    sign(home)
    (home.settings.anchors_folder / "log-1.checkpoint").write_bytes(b"\xff\xfe")
    add_entries(home, 1)

    with pytest.raises(LedgerFault):
        sign(home)
    lines = said(verified(home, home.anchors.read(1)))
    assert [True] == [
        line.startswith("The checkpoint that is kept outside the database does not hold") for line in lines
    ]


def test_what_another_node_signed_is_kept_too(home: Home, tmp_path: Path) -> None:
    """A node that did not sign knows all the same when a promoted replica has lost what was signed."""
    add_entries(home)
    other = AnchorFiles(tmp_path / "other")
    first = sign(home), sign(home, other)
    kept = other.read(1)
    add_entries(home, 1)
    sign(home)
    again = sign(home, other)
    _cut(home)
    change(home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1))

    assert (None, None) == (first[1], again)
    assert first[0] is not None
    assert first[0].note == kept != other.read(1)
    assert home.anchors.read(1) == other.read(1)
    with pytest.raises(CheckpointRefused, match="entries that were signed for are missing"):
        sign(home, other)


@pytest.mark.parametrize("note", ["", "another's"])
def test_no_note_is_kept_that_is_not_of_its_row(home: Home, tmp_path: Path, note: str) -> None:
    """What is kept outside is believed later, so that it is looked at before."""
    add_entries(home)
    before = sign(home)
    add_entries(home, 1)
    sign(home)
    assert before is not None
    altered = before.note if note else note
    change(home, update(t.checkpoint).where(t.checkpoint.c.size > before.size).values(note=altered))
    other = AnchorFiles(tmp_path / "other")

    with pytest.raises(LedgerFault):
        sign(home, other)
    assert other.read(1) is None


class FailingAnchor:
    """The real anchor, whose disk is full at the moment of writing, or just after."""

    def __init__(self, home: Home, *, written: bool) -> None:
        self._anchors, self._written = home.anchors, written

    def read(self, log_id: int) -> str | None:
        return self._anchors.read(log_id)

    def write(self, log_id: int, note: str) -> None:
        if self._written:
            self._anchors.write(log_id, note)
        raise OSError("no space left on device")


@pytest.mark.parametrize("written", [False, True], ids=["not written", "written"])
def test_a_failure_between_the_two_places_is_mended_by_the_next_step(home: Home, written: bool) -> None:
    """Outside first: whatever fails in between, the database never holds a checkpoint that is unknown outside."""
    add_entries(home)
    sign(home)
    add_entries(home, 1)
    with pytest.raises(OSError, match="no space left"):
        sign(home, FailingAnchor(home, written=written))
    failed = signed(home)
    done = sign(home)

    assert done is not None
    assert [failed[0], done.size] == signed(home)
    assert done.note == home.anchors.read(1)


def test_what_an_old_or_revoked_key_signed_binds_all_the_same(home: Home) -> None:
    """After a rotation and a theft the log goes on from the last checkpoint, and never from anything smaller."""
    add_entries(home)
    sign(home)
    rotate_key(home.place.catalogue, home.place.keys, home.organisation(), CHECKPOINT, by=home.place.by)
    add_entries(home, 1)
    rotated = sign(home)
    (last,) = [one for one in home.place.directory().keys_of(1, CHECKPOINT) if one.state == "active"]
    place, stolen = home.place, last.key_id.hex()
    revoke_key(place.catalogue, place.keys, home.organisation(), stolen, reason="It was stolen.", by=place.by)
    add_entries(home, 1)
    revoked = sign(home)

    assert rotated is not None
    assert revoked is not None
    assert rotated.size < revoked.size
    alter(home.place.engine, t.checkpoint, t.checkpoint.c.size == revoked.size, root=b"\0" * 32)
    with pytest.raises(LedgerFault):
        sign(home)


def test_a_lost_checkpoint_key_of_one_organisation_does_not_stop_the_other(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Each log is signed by its own key, and the one without is named."""
    lost = next(key for key in home.place.catalogue.snapshot().keys if key.log_id == 1 and key.use == CHECKPOINT)
    with run_service(home) as service:
        (home.settings.keys_folder / f"{lost.key_id.hex()}.key").unlink()
        with caplog.at_level(logging.CRITICAL, "askfirst"):
            service.settle()
        assert home.place.ledger.last_checkpoint(2) is not None
        assert home.place.ledger.last_checkpoint(1) is None
    assert "no checkpoint for example: No checkpoint key can sign" in caplog.text


def test_a_tree_that_can_not_be_continued_keeps_what_waits(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged tile stops the sequencer of that log alone, loudly; the answers stay in the queue."""
    home = service.home
    service.accept()
    service.settle()
    change(home, update(t.tile).where(t.tile.c.log_id == 1).values(hashes=b"short"))
    service.accept()
    service.accept("other0001")
    with caplog.at_level(logging.CRITICAL, "askfirst"):
        service.settle()

    assert "the log of example can not go on: The tile 0 of level 0 is missing or too short" in caplog.text
    assert (1, 0) == (home.place.ledger.waiting(1), home.place.ledger.waiting(2))
