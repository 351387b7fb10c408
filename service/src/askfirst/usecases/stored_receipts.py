"""Hold the receipt that is kept beside a record against the record and the ledger's leaf."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Record
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import DAY, parse_receipt
from askfirst_sdk.token import TokenVerifier, claimed_payload

ReadReceipt = Callable[[str], bytes]

# All who refused on one day hold the same bytes, which need one check.
_REMEMBERED: Final = 4096


def receipt_reader(verifier: TokenVerifier | None) -> ReadReceipt:
    """Return what gives a token's payload, or raises TokenError: after checking its signature, or without a verifier
    as it claims to be.
    """
    return claimed_payload if verifier is None else lru_cache(_REMEMBERED)(verifier.payload)


def receipt_fault(read: ReadReceipt, record: Record, leaf_hash: bytes, *, imported: bool = False) -> str | None:
    """Return what is wrong with a record's receipt, in a sentence, or None. `leaf_hash`: of the record's entry.

    What was `imported` has none: Askfirst did not ask.
    """
    if imported:
        return "An imported answer has a receipt, which Askfirst never gave." if record.receipt else None
    if not record.receipt:
        return "The receipt is not kept any more."
    try:
        receipt = parse_receipt(read(record.receipt))
    except (TokenError, ReceiptFormatError) as error:
        return f"The receipt does not hold: {error}."
    purposes = {**dict.fromkeys(listed(record.granted), True), **dict.fromkeys(listed(record.refused), False)}
    given = record.server_time // 1000
    if (
        dict(receipt.purposes) != purposes
        or receipt.site != record.site_key
        or receipt.subject not in (None, record.subject)
        or receipt.given_at != (given - given % DAY if receipt.anonymous else given)
    ):
        return "The receipt is genuine, but it is the receipt of another answer."
    if receipt.leaf is not None and receipt.leaf != leaf_hash:
        return "The receipt is genuine, but it promises another entry of the ledger."
    return None
