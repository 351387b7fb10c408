"""Whether receipts still stand: for a server that must know of a withdrawal in another browser, or of an erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from askfirst.core.uuid_text import uuid_bytes
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.ports import Forgetting, Records
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import RecordQuery
from askfirst_sdk.check import MAX_SKEW
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import Receipt, parse_receipt
from askfirst_sdk.token import TokenVerifier

# current: the subject's newest answer. superseded: there is a newer one, which grants what `granted` says. withdrawn:
# the newer one grants nothing. erased: the record was forgotten. refusal: a full refusal, which nobody can look up.
# unknown: not a receipt of this site that is in force.
State = Literal["current", "superseded", "withdrawn", "erased", "refusal", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of one receipt; `granted` are the purposes that the subject's newest answer grants."""

    state: State
    granted: tuple[str, ...] = ()


def held_receipt(verifier: TokenVerifier, site: LiveSite, token: str, now: int) -> Receipt | None:
    """Return the receipt in a token if it is one of this site that is in force at `now` (ms)."""
    try:
        receipt = parse_receipt(verifier.payload(token))
    except (TokenError, ReceiptFormatError):
        return None
    seconds = now // 1000
    in_force = receipt.given_at <= seconds + MAX_SKEW and seconds < receipt.expires_at
    return receipt if receipt.site == site.site.site_key and in_force else None


def standing(
    records: Records, forgetting: Forgetting, site: LiveSite, receipts: Sequence[Receipt | None]
) -> list[Standing]:
    """Return what became of each receipt. A receipt is its own credential: it tells about its own subject alone."""
    return [_of(records, forgetting, site, receipt) for receipt in receipts]


def _of(records: Records, forgetting: Forgetting, site: LiveSite, receipt: Receipt | None) -> Standing:
    if receipt is None:
        return Standing("unknown")
    if receipt.subject is None or receipt.record is None:
        return Standing("refusal")
    record_id = uuid_bytes(receipt.record)
    if forgetting.tombstone(site.site.log_id, record_id) is not None:
        return Standing("erased")
    query = RecordQuery(site=site.site.site_key, subject=receipt.subject, limit=1)
    newest = next(iter(records.search(site.site.log_id, query)), None)
    if newest is None:
        return Standing("unknown")
    granted = tuple(listed(newest[1].granted))
    if newest[0] == record_id:
        return Standing("current", granted)
    return Standing("superseded", granted) if granted else Standing("withdrawn")
