"""Sign every log that grew: trouble with one holds up no other, and is said once."""

import logging
import threading

from askfirst.core.errors import CheckpointRefused, LedgerFault, MissingKey
from askfirst.core.kinds import EntryKind
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.key_files import KeyFiles
from askfirst.usecases.directory import Directory
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.keys import CHECKPOINT, active_key
from askfirst.usecases.ports import Acting, Ledger
from askfirst.usecases.publish_checkpoint import Anchor, publish_checkpoint
from askfirst.usecases.rows import Organisation
from askfirst_sdk.keys import VerifierKey

log = logging.getLogger("askfirst")


class Publisher:
    """What a node with the publisher role signs with, and what it could not sign."""

    def __init__(self, ledger: Ledger, catalogue: SqlCatalogue, keys: KeyFiles, anchor: Anchor, by: Acting) -> None:
        """Take the logs, where their keys are, and where the last checkpoints are kept outside the database."""
        self._ledger, self._catalogue, self._keys, self._by = ledger, catalogue, keys, by
        self.anchor = anchor
        # By log: what was refused, and why else it can not be signed, as both were said last.
        self.refused: dict[int, CheckpointRefused] = {}
        self._unsigned: dict[int, str] = {}
        # Cancelling a loop does not end the step that its thread is in: who closes has to wait for that step.
        self._publishing = threading.Lock()

    def publish(self, directory: Directory) -> None:
        """Sign every log that grew; one caller at a time."""
        with self._publishing:
            for log_id, organisation in directory.organisations.items():
                try:
                    key = active_key(directory.keys, self._keys, log_id, CHECKPOINT)
                    # Of revoked keys too: the log has to go on from what they signed, whoever it was that signed it.
                    known = [VerifierKey.parse(one.verifier) for one in directory.keys_of(log_id, CHECKPOINT)]
                    # Before the organisation's row is held, which staff would wait for.
                    self.anchor.prepare(log_id)
                    publish_checkpoint(self._ledger, self.anchor, organisation, key, clock=self._by.clock, known=known)
                    self.refused.pop(log_id, None)
                    self._unsigned.pop(log_id, None)
                except CheckpointRefused as error:
                    self._tell_refusal(organisation, error)
                except (LedgerFault, MissingKey) as error:
                    # One organisation's trouble is not the others': they are signed all the same.
                    if self._unsigned.get(log_id) != str(error):
                        log.critical("no checkpoint for %s: %s", organisation.slug, error)
                    self._unsigned[log_id] = str(error)

    def _tell_refusal(self, organisation: Organisation, error: CheckpointRefused) -> None:
        """Say once, in the log of this process and in the ledger, that no checkpoint can be signed any more."""
        before = self.refused.get(organisation.log_id)
        self.refused[organisation.log_id] = error
        if before is not None and (before.reason, before.last_root) == (error.reason, error.last_root):
            return
        log.critical("no checkpoint for %s: %s", organisation.slug, error)
        members = {
            "size": error.size,
            "root": error.root.hex(),
            "last_size": error.last_size,
            "last_root": error.last_root.hex(),
            "reason": error.reason,
        }
        entry = staff_entry(
            organisation.log_id, EntryKind.CHECKPOINT_REFUSED, members, now=self._by.clock(), by=self._by
        )
        self._catalogue.append(entry)
