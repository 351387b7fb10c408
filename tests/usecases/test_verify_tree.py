"""What `ledger verify` notices of places, leaves, tiles and heads that were altered."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from askfirst.storage import tables as t
from support.altered_log import change, last, leaves, said, verified
from support.places import Home
from support.running_service import RunningService
from support.writing import looked, open_batches

pytestmark = pytest.mark.each_database


def test_two_leaves_that_changed_places_are_named(log: RunningService) -> None:
    """Each entry is genuine; the first place that holds another one is named."""
    first, second = leaves(log.home)[-3:-1]
    values = [
        {"log_id": 1, "position": a.position, "entry_id": b.entry_id, "leaf_hash": b.leaf_hash}
        for a, b in ((first, second), (second, first))
    ]
    gone = delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position.in_([first.position, second.position]))
    change(log.home, gone, *(insert(t.leaf).values(row) for row in values))
    result = verified(log.home)

    assert first.position == result.first_bad
    assert f"Entry {first.position}: the tile 0 of level 0 is not what the entries give from here on" in said(result)
    assert any("was signed for another root" in line for line in said(result))


def test_a_leaf_that_was_dropped_and_the_rest_moved_up_is_named(log: RunningService) -> None:
    """Renumbering hides the gap, but not from tile, checkpoint and counts."""
    rows = leaves(log.home)
    dropped = rows[-3]
    change(
        log.home,
        delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == dropped.position),
        *(
            update(t.leaf)
            .where(t.leaf.c.log_id == 1, t.leaf.c.position == row.position)
            .values(position=row.position - 1)
            for row in rows[-2:]
        ),
        update(t.head).where(t.head.c.log_id == 1).values(size=len(rows) - 1),
    )
    result = verified(log.home)

    assert dropped.position == result.first_bad
    lines = said(result)
    assert any("was signed, but only" in line and "the log was cut" in line for line in lines)
    assert any("entries are stored, but" in line for line in lines)


def test_a_leaf_that_was_taken_out_is_named(log: RunningService) -> None:
    """A gap in the places ends the verification there: nothing after it fits."""
    dropped = leaves(log.home)[-3]
    change(log.home, delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == dropped.position))

    assert [f"Entry {dropped.position}: no leaf stands here; one was removed or renumbered"] == said(verified(log.home))


@pytest.mark.parametrize("thorough", [False, True], ids=["leaves", "leaves, entries, records, tiles, head, counts"])
def test_a_dropped_tail_is_named_by_the_checkpoint(log: RunningService, thorough: bool) -> None:
    """However thoroughly the end is cut off, the checkpoint was signed for more."""
    dropped = leaves(log.home)[-1]
    change(log.home, delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == dropped.position))
    if thorough:
        _cut(log.home, dropped)
    result = verified(log.home)

    assert dropped.position == result.first_bad
    size = dropped.position + 1
    expected = f"Entry {dropped.position}: checkpoint {size} was signed, but only {size - 1} entries are stored: "
    assert any(line == expected + "the log was cut" for line in said(result))


def test_a_dropped_tail_is_named_by_the_anchor_where_its_checkpoint_is_gone_too(log: RunningService) -> None:
    """Whoever also deletes the checkpoint has not deleted the one outside the database."""
    dropped = leaves(log.home)[-1]
    change(log.home, delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == dropped.position))
    _cut(log.home, dropped)
    change(
        log.home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == dropped.position + 1)
    )

    assert [] == said(verified(log.home))  # from inside the database alone nobody can tell
    result = verified(log.home, log.home.anchors.read(1))
    assert dropped.position == result.first_bad
    assert any("the log was cut" in line for line in said(result))


def test_a_dropped_tail_is_named_by_the_anchor_where_the_log_got_another_name_too(log: RunningService) -> None:
    """A checkpoint of another name binds all the same, unless the log says that it was closed and took another one."""
    dropped = leaves(log.home)[-1]
    change(log.home, delete(t.leaf).where(t.leaf.c.log_id == 1, t.leaf.c.position == dropped.position))
    _cut(log.home, dropped)
    change(
        log.home,
        delete(t.checkpoint).where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == dropped.position + 1),
        update(t.organisation).where(t.organisation.c.log_id == 1).values(origin="x"),
    )
    lines = said(verified(log.home, log.home.anchors.read(1)))

    renamed = "the log that it opened is consent.example.net/log/example, but it goes on as x"
    size = dropped.position + 1
    cut = f"checkpoint {size} was signed, but only {size - 1} entries are stored: the log was cut"
    assert [f"Entry 0: {renamed}", f"Entry {size - 1}: {cut}"] == lines


def _cut(home: Home, dropped: Any) -> None:
    """Make the database look as if the last entry had never been."""
    from askfirst.core.frontier import Frontier, grow

    grown, _full = grow(Frontier(), [row.leaf_hash for row in leaves(home)])
    change(
        home,
        delete(t.entry).where(t.entry.c.entry_id == dropped.entry_id),
        delete(t.record).where(t.record.c.record_id == dropped.entry_id),
        update(t.tile).where(t.tile.c.log_id == 1).values(hashes=grown.edge[0]),
        update(t.head).where(t.head.c.log_id == 1).values(size=grown.size, root=grown.root),
        update(t.rollup).where(t.rollup.c.log_id == 1).values(count=t.rollup.c.count - 1),  # all decisions are alike
    )


def test_a_leaf_beyond_the_head_is_noticed(log: RunningService) -> None:
    """A row that nobody sequenced is no part of the log."""
    row = {"log_id": 1, "position": last(log.home) + 1, "entry_id": bytes(16), "leaf_hash": bytes(32)}
    change(log.home, insert(t.leaf).values(row))

    assert any("leaves are stored" in line for line in said(verified(log.home)))


def test_an_edited_tile_is_named_from_where_it_differs(log: RunningService) -> None:
    """Proofs are read from tiles; the first hash that is not the entry's is named."""
    with log.home.place.engine.connect() as connection:
        hashes = connection.execute(select(t.tile.c.hashes).where(t.tile.c.log_id == 1)).scalar_one()
    edited = hashes[:96] + bytes(32) + hashes[128:]
    change(log.home, update(t.tile).where(t.tile.c.log_id == 1).values(hashes=edited))

    assert ["Entry 3: the tile 0 of level 0 is not what the entries give from here on"] == said(verified(log.home))


def test_a_missing_tile_is_noticed(log: RunningService) -> None:
    """Also one that is not there at all."""
    change(log.home, delete(t.tile).where(t.tile.c.log_id == 1))

    assert ["Entry 0: the tile 0 of level 0 is not what the entries give from here on"] == said(verified(log.home))


def test_an_edited_head_is_noticed(log: RunningService) -> None:
    """The head is what the entries give, or it is no head."""
    change(log.home, update(t.head).where(t.head.c.log_id == 1).values(root=bytes(32)))

    assert any("The head says" in line for line in said(verified(log.home)))


def test_an_entry_that_was_removed_whole_is_named(log: RunningService) -> None:
    """A leaf without its entry is one that can not be read."""
    row = leaves(log.home)[-2]
    change(log.home, delete(t.entry).where(t.entry.c.entry_id == row.entry_id))
    result = verified(log.home)

    assert row.position == result.first_bad
    assert any("its leaf can not be read" in line for line in said(result))


def test_another_kind_in_the_column_is_named(log: RunningService) -> None:
    """What an entry is filed as is what its leaf says."""
    row = leaves(log.home)[-2]
    change(log.home, update(t.entry).where(t.entry.c.entry_id == row.entry_id).values(kind="record:viewed"))
    lines = said(verified(log.home))

    assert f"Entry {row.position}: it is filed as record:viewed, but its leaf says decision:recorded" in lines


def test_an_entry_outside_tree_and_queue_is_noticed(log: RunningService) -> None:
    """An entry that was slipped in, or whose place in the queue was deleted, is counted."""
    batches = open_batches(log.home.settings)
    batches.commit([looked(log.home)])
    batches.close()
    change(log.home, delete(t.pending).where(t.pending.c.log_id == 1))
    lines = said(verified(log.home))

    count = len(leaves(log.home))
    assert [f"{count + 1} entries are stored, but {count} are in the tree and 0 wait."] == lines
