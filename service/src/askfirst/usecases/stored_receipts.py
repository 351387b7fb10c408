"""Hold the receipt that is kept beside a record against the record and the ledger's leaf."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from askfirst.usecases.directory import Directory, LivePolicy
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Record
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import DAY, Receipt, parse_receipt
from askfirst_sdk.token import TokenVerifier, claimed_payload

ReadReceipt = Callable[[str], bytes]

# All who refused on one day hold the same bytes, which need one check.
_REMEMBERED: Final = 4096


def receipt_reader(verifier: TokenVerifier | None) -> ReadReceipt:
    """Return what gives a token's payload, or raises TokenError: after checking its signature, or without a verifier
    as it claims to be.
    """
    return claimed_payload if verifier is None else lru_cache(_REMEMBERED)(verifier.payload)


def receipt_fault(
    read: ReadReceipt,
    directory: Directory,
    record: Record,
    what: bytes | None,
    leaf_hash: bytes,
    *,
    imported: bool = False,
) -> str | None:
    """Return what is wrong with a record's receipt, in a sentence, or None. `what` and `leaf_hash`: of its entry.

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
    said = read_part(what)
    site, policy = directory.sites.get(record.site_key), said.get("policy")
    live = site.policies.get(policy) if site and isinstance(policy, str) else None
    if not _says(receipt, record, said) or not (live is None or _is_under(receipt, live, record.rule)):
        return "The receipt is genuine, but it is the receipt of another answer."
    if not receipt.anonymous and (receipt.leaf, receipt.record) != (leaf_hash, said.get("record")):
        return "The receipt is genuine, but it promises another entry of the ledger."
    return None


def _says(receipt: Receipt, record: Record, said: Mapping[str, Any]) -> bool:
    """Tell whether a receipt says of an answer what the search table and the entry say; not when it ends."""
    purposes = {**dict.fromkeys(listed(record.granted), True), **dict.fromkeys(listed(record.refused), False)}
    given = record.server_time // 1000
    if (
        dict(receipt.purposes) != purposes
        or receipt.site != record.site_key
        or receipt.revision != said.get("revision")
        or receipt.given_at != (given - given % DAY if receipt.anonymous else given)
    ):
        return False
    # A full refusal's says no more: it is the same for all of its day.
    return receipt.anonymous or (receipt.subject, receipt.method, receipt.gpc, receipt.rule) == (
        record.subject,
        record.method,
        said.get("gpc"),
        record.rule,
    )


def _is_under(receipt: Receipt, live: LivePolicy, rule: str) -> bool:
    """Tell whether a receipt is of this policy and lasts as long as it says."""
    days, rest = divmod(receipt.expires_at - receipt.given_at, DAY)
    # The first services let answers last as long as the policy says, whatever the rule of a region said.
    lasting = (live.policy.lifetime_under(rule), live.policy.lifetime_days)
    return receipt.policy16 == live.published.digest[:16] and not rest and days in lasting
