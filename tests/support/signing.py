"""A log that grows and is signed, without a node."""

from askfirst.usecases.keys import CHECKPOINT, active_key
from askfirst.usecases.publish_checkpoint import Anchor, publish_checkpoint
from askfirst.usecases.rows import Checkpoint
from askfirst.usecases.sequence import sequence_all
from askfirst_sdk.keys import VerifierKey
from support.places import Home
from support.writing import looked, open_batches


def add_entries(home: Home, count: int = 3) -> None:
    """Commit and sequence some entries of log 1."""
    batches = open_batches(home.settings)
    batches.commit([looked(home) for _ in range(count)])
    batches.close()
    sequence_all(home.place.ledger, 1, clock=home.clock)


def sign(home: Home, anchor: Anchor | None = None) -> Checkpoint | None:
    """Sign log 1 as a node does, if it grew."""
    key = active_key(home.place.catalogue.snapshot().keys, home.place.keys, 1, CHECKPOINT)
    known = [one.verifier for one in home.place.directory().keys_of(1, CHECKPOINT)]
    return publish_checkpoint(
        home.place.ledger,
        anchor or home.anchors,
        home.organisation(),
        key,
        clock=home.clock,
        known=[VerifierKey.parse(text) for text in known],
    )
