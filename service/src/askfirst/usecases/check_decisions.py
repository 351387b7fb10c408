"""Check decisions in the fewest steps that are still a proof: what can be written anew is, and is compared."""

import hashlib
import hmac
import json
from typing import Any, Final, NamedTuple

from askfirst.core.canonical import b64url
from askfirst.core.decision_form import WhatForm, who_part
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import SALT_BYTES, WHAT_LABEL, WHO_LABEL, leaf_bytes
from askfirst.core.receipt_form import GrantForm
from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.directory import Directory
from askfirst.usecases.ports import ScannedRow
from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Record
from askfirst.usecases.stored_receipts import ReadReceipt, receipt_fault
from askfirst_sdk.errors import TokenError
from askfirst_sdk.receipt import DAY

_KIND: Final = EntryKind.DECISION_RECORDED.value
_DAY_MS: Final = DAY * 1000
_SIGNATURE_LENGTH: Final = 92  # in characters, with the dot before it
_MOST_KEPT: Final = 4096
# Decisions of the same columns can still differ in build, page and GPC. The last few are tried; where there
# are more, as with pages, the rest is read anew each time.
_MOST_TRIED: Final = 4
_CLIENT_TIME: Final = b'"client_time":'


_Columns = tuple[str, str, int, str, str, str, str, str]
_Refusal = tuple[str, str, int, str, str, int]


class _Alike(NamedTuple):
    """What decisions of the same answer have in common; `before` stands before the client's time in their texts."""

    before: bytes
    form: WhatForm
    grant: GrantForm | None
    lifetime: int

    def writes(self, record: str, server_time: int, late: bool, what: bytes) -> bool:
        """Tell whether these values give the part `what`, with any client's time."""
        start = len(self.before)
        client_time = what[start : what.find(b",", start)]
        return client_time.isdigit() and what == self.form.part(
            record=record, client_time=int(client_time), server_time=server_time, late=late
        )


class DecisionCheck:
    """Says of a decision's row that all of it holds. What it does not say so of has to be looked at closely."""

    def __init__(self, directory: Directory, read_receipt: ReadReceipt, *, signatures: bool) -> None:
        """Take the policies that were answered, and what reads receipts; `signatures`: whether it checks them."""
        self._directory = directory
        self._read_receipt = read_receipt
        self._signatures = signatures
        self._known: dict[_Columns, list[_Alike]] = {}
        self._refusals: set[_Refusal] = set()

    def holds(self, row: ScannedRow) -> bytes | None:
        """Return the hash of the row's leaf where everything fits: leaf, commitments, search table, receipt; else None.

        A row may hold anything, also values of types that its columns do not have.
        """
        try:
            return self._holds(row)
        except (TypeError, ValueError, AttributeError, OverflowError):
            return None

    def _holds(self, row: ScannedRow) -> bytes | None:
        _, entry_id, leaf_hash, kind, leaf, what, what_salt, who, who_salt = row[:9]
        site_key, subject, server_time, method, number, language, origin, granted, refused, rule, late, _, account = (
            row[10:]
        )
        if kind != _KIND or late not in (0, 1) or len(what_salt) != SALT_BYTES or len(who_salt) != SALT_BYTES:
            return None
        record = uuid_text(entry_id)
        columns = (site_key, method, number, language, origin, granted, refused, rule)
        alike = self._written_by(columns, record, server_time, late == 1, what)
        if alike is None or who != who_part(record=record, subject=subject, account=account):
            return None
        said = hmac.digest(what_salt, WHAT_LABEL + what, "sha256")
        concerned = hmac.digest(who_salt, WHO_LABEL + who, "sha256")
        computed = hashlib.sha256(b"\x00" + leaf).digest()
        if (
            leaf_hash == computed
            and leaf == leaf_bytes(EntryKind.DECISION_RECORDED, said, concerned)
            and self._receipt_holds(row, alike, record, computed)
        ):
            return computed
        return None

    def _written_by(self, columns: _Columns, record: str, server_time: int, late: bool, what: bytes) -> _Alike | None:
        """Return what this part has in common with others of its columns, if writing it anew gives the same bytes."""
        for alike in self._known.get(columns, ()):
            if alike.writes(record, server_time, late, what):
                return alike
        new = self._learn(columns, what)
        return new if new is not None and new.writes(record, server_time, late, what) else None

    def _receipt_holds(self, row: ScannedRow, alike: _Alike, record: str, leaf: bytes) -> bool:
        site_key, subject, server_time, _, number, _, _, _, refused, rule, _, receipt, _ = row[10:]
        if alike.grant is None or subject is None:
            known = (receipt, site_key, number, refused, rule, server_time // _DAY_MS)
            return known in self._refusals or self._is_refusal(known, row, leaf)
        given_at = server_time // 1000
        text = b64url(
            alike.grant.payload(
                subject=subject, record=record, leaf=leaf, given_at=given_at, expires_at=given_at + alike.lifetime
            )
        )
        if not receipt.startswith(text) or len(receipt) != len(text) + _SIGNATURE_LENGTH:
            return False
        return not self._signatures or self._is_signed(receipt)

    def _is_signed(self, receipt: str) -> bool:
        try:
            self._read_receipt(receipt)
        except TokenError:
            return False
        return True

    def _is_refusal(self, known: _Refusal, row: ScannedRow, computed: bytes) -> bool:
        """Look closely at the receipt of a refusal, and remember it: it is the same for all of its day."""
        if receipt_fault(self._read_receipt, self._directory, Record(*row[10:]), row[5], computed) is not None:
            return False
        if len(self._refusals) >= _MOST_KEPT:
            self._refusals.clear()
        self._refusals.add(known)
        return True

    def _learn(self, columns: _Columns, what: bytes) -> _Alike | None:
        """Return what a decision of these columns has in common with others; None where the service makes no such."""
        try:
            said: dict[str, Any] = json.loads(what)
            live = self._directory.sites[said["site"]].policies[said["policy"]]
            purposes: dict[str, bool] = said["purposes"]
            granted = joined(purpose for purpose, answer in purposes.items() if answer)
            refused = joined(purpose for purpose, answer in purposes.items() if not answer)
            named = said["site"], said["method"], live.policy.number, said["language"], said["origin"]
            if (*named, granted, refused, said["rule"]) != columns:
                return None
            shared = {name: said[name] for name in ("site", "revision", "purposes", "method", "gpc", "rule")}
            form = WhatForm(
                **shared, **{name: said[name] for name in ("policy", "build", "language", "origin", "page")}
            )
            grant = GrantForm(**shared, policy16=live.published.digest[:16]) if granted else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        before = what[: what.find(_CLIENT_TIME) + len(_CLIENT_TIME)]
        alike = _Alike(before, form, grant, live.policy.lifetime_under(said["rule"]) * DAY)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[columns] = [alike, *self._known.get(columns, [])[: _MOST_TRIED - 1]]
        return alike
