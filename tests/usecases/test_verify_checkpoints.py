"""What `ledger verify` notices of checkpoints, inside the database and outside."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, select, update

from askfirst.core.checkpoint import Checkpoint as Signed
from askfirst.core.checkpoint import sign_checkpoint
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.entries import seal
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, active_key
from askfirst_sdk.signing import SigningKey
from support.altered_log import change, last, leaves, said, verified
from support.places import Home
from support.running_service import RunningService

pytestmark = pytest.mark.each_database


def _resign(home: Home, key: SigningKey, *, size: int | None = None, origin: str | None = None) -> str:
    head = home.place.ledger.head(1)
    signed = Signed(origin or "consent.example.net/log/example", size or head.size, head.root)
    return sign_checkpoint(signed, key.verifier, key.sign).decode()


def _checkpoint_key(home: Home) -> SigningKey:
    return active_key(home.place.catalogue.snapshot().keys, home.place.keys, 1, CHECKPOINT)


def test_a_checkpoint_of_another_key_does_not_hold(log: RunningService) -> None:
    """A note by a key that merely has the same name is nobody's."""
    stranger = SigningKey.from_seed(_checkpoint_key(log.home).verifier.name, b"\x09" * 32)
    size = last(log.home) + 1
    where = t.checkpoint.c.size == size
    change(log.home, update(t.checkpoint).where(where).values(note=_resign(log.home, stranger)))
    lines = said(verified(log.home))

    assert 1 == len(lines)
    assert lines[0].startswith(f"Checkpoint {size} does not hold: The note is signed by none of the known keys")


@pytest.mark.parametrize("edit", ["text", "signature", "cut", "empty"])
def test_an_edited_note_does_not_hold(log: RunningService, edit: str) -> None:
    """One character is enough."""
    size = last(log.home) + 1
    note = log.home.place.ledger.last_checkpoint(1).note  # type: ignore[union-attr]
    edited = {
        "text": note.replace(f"\n{size}\n", f"\n{size + 1}\n"),
        "signature": note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:],
        "cut": note[:-1],
        "empty": "",
    }[edit]
    change(log.home, update(t.checkpoint).where(t.checkpoint.c.size == size).values(note=edited))

    assert [f"Checkpoint {size} does not hold"] == [line.partition(":")[0] for line in said(verified(log.home))]


def test_a_checkpoint_of_another_log_does_not_hold(log: RunningService) -> None:
    """The key signs for one origin only."""
    note = _resign(log.home, _checkpoint_key(log.home), origin="another.example/log")
    where = t.checkpoint.c.size == last(log.home) + 1
    change(log.home, update(t.checkpoint).where(where).values(note=note))

    assert any("not of consent.example.net/log/example" in line for line in said(verified(log.home)))


def test_a_row_beside_its_note_that_says_something_else_is_noticed(log: RunningService) -> None:
    """What is signed counts; the columns are only there to be searched."""
    size = last(log.home) + 1
    change(log.home, update(t.checkpoint).where(t.checkpoint.c.size == size).values(root=bytes(32)))

    assert [f"Checkpoint {size} was signed for something else than its row says."] == said(verified(log.home))


def test_a_checkpoint_that_was_deleted_is_missed(log: RunningService) -> None:
    """The one outside the database tells that there was one; the log is checked against it, and the next one stored."""
    size = last(log.home) + 1
    change(log.home, delete(t.checkpoint).where(t.checkpoint.c.size == size))
    missed = verified(log.home, log.home.anchors.read(1))
    log.settle()
    after = verified(log.home, log.home.anchors.read(1))

    assert ([], size, None) == (said(missed), missed.unstored, after.unstored)
    assert missed.checkpoints + 1 == after.checkpoints


def test_an_anchor_that_was_edited_does_not_hold(log: RunningService) -> None:
    """The file outside is signed as well."""
    lines = said(verified(log.home, (log.home.anchors.read(1) or "").replace("example", "exampel")))

    assert ["The checkpoint that is kept outside the database does not hold"] == [
        line.partition(":")[0] for line in lines
    ]


def test_a_log_that_was_written_anew_is_told_by_the_anchor(log: RunningService) -> None:
    """Who holds the checkpoint key and rewrites everything in the database still contradicts what was signed before."""
    anchor = log.home.anchors.read(1)
    row = leaves(log.home)[-2]
    with log.home.place.engine.begin() as connection:
        _rewrite_from(connection, log.home, row.entry_id)
    lines = said(verified(log.home, anchor))

    assert [] == said(verified(log.home))
    size = last(log.home) + 1
    assert [f"Checkpoint {size} was signed for another root than the first {size} entries give."] == lines


def _rewrite_from(connection: Connection, home: Home, entry_id: bytes) -> None:
    """Do what only somebody with all keys and the whole database can: another entry, tree, tile, head, checkpoint."""
    from askfirst.core.frontier import Frontier, grow

    old = connection.execute(select(t.entry).where(t.entry.c.entry_id == entry_id)).one()
    what = json.loads(old.what)
    forged = seal(
        1,
        entry_id,
        EntryKind.DECISION_RECORDED,
        old.what.replace(b'"page":null', b'"page":"/forged"'),
        old.who,
        home.random,
    )
    assert what["page"] is None
    columns = {name: getattr(forged, name) for name in ("leaf", "what", "what_salt", "who", "who_salt")}
    connection.execute(update(t.entry).where(t.entry.c.entry_id == entry_id).values(**columns))
    connection.execute(update(t.leaf).where(t.leaf.c.entry_id == entry_id).values(leaf_hash=forged.leaf_hash))
    from askfirst_sdk.receipt import parse_receipt, receipt_payload
    from askfirst_sdk.signing import TokenSigner
    from askfirst_sdk.token import RECEIPT_SALT, claimed_payload

    token = connection.execute(select(t.record.c.receipt).where(t.record.c.record_id == entry_id)).scalar_one()
    receipt = replace(parse_receipt(claimed_payload(token)), leaf=forged.leaf_hash)
    signer = TokenSigner(active_key(home.place.catalogue.snapshot().keys, home.place.keys, 1, RECEIPT), RECEIPT_SALT)
    signed = signer.token(receipt_payload(receipt))
    connection.execute(update(t.record).where(t.record.c.record_id == entry_id).values(receipt=signed))
    rows = connection.execute(select(t.leaf.c.leaf_hash).where(t.leaf.c.log_id == 1).order_by(t.leaf.c.position))
    grown, _full = grow(Frontier(), [row.leaf_hash for row in rows])
    connection.execute(update(t.tile).where(t.tile.c.log_id == 1).values(hashes=grown.edge[0]))
    connection.execute(update(t.head).where(t.head.c.log_id == 1).values(root=grown.root))
    key = _checkpoint_key(home)
    note = sign_checkpoint(Signed("consent.example.net/log/example", grown.size, grown.root), key.verifier, key.sign)
    connection.execute(
        update(t.checkpoint)
        .where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == grown.size)
        .values(root=grown.root, note=note.decode())
    )
