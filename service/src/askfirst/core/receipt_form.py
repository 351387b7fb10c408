"""Receipts for the same answer to the same policy, of which a service makes thousands, from one that is ready."""

from collections.abc import Mapping

from askfirst.core.canonical import b64url
from askfirst_sdk.receipt import grant_receipt, receipt_payload

# Members of a sample, and what marks their places. None of these texts can stand within another member: purposes have
# the values true and false only, and no other text of a receipt holds a quotation mark.
_RECORD = "00000000-0000-7000-8000-000000000000"
_SUBJECT = "000000000000000000000"
_LEAF = bytes(32)
_PLACES = (
    (b'"exp":2,', b'"exp":%d,'),
    (b'"iat":1,', b'"iat":%d,'),
    (b'"leaf":"%b"' % b64url(_LEAF).encode(), b'"leaf":"%b"'),
    (b'"rec":"%b"' % _RECORD.encode(), b'"rec":"%b"'),
    (b'"sub":"%b"' % _SUBJECT.encode(), b'"sub":"%b"'),
)


class GrantForm:
    """The payloads of receipts that grant the same (`receipt_payload` of `grant_receipt`, to the byte)."""

    __slots__ = ("_form",)

    def __init__(
        self,
        *,
        site: str,
        policy16: bytes,
        revision: int,
        purposes: Mapping[str, bool],
        method: str,
        gpc: bool,
        rule: str,
    ) -> None:
        """Take what all of them say; raise ReceiptFormatError for values out of form."""
        form = receipt_payload(
            grant_receipt(
                site=site,
                subject=_SUBJECT,
                record=_RECORD,
                leaf=_LEAF,
                policy16=policy16,
                revision=revision,
                purposes=purposes,
                method=method,
                gpc=gpc,
                given_at=1,
                expires_at=2,
                rule=rule,
            )
        )
        for sample, place in _PLACES:
            before, found, after = form.partition(sample)
            if not found:
                raise ValueError("a receipt is not written as its form expects")
            form = before + place + after
        self._form = form

    def payload(self, *, subject: str, record: str, leaf: bytes, given_at: int, expires_at: int) -> bytes:
        """Return the payload for one visitor. The values are the service's own, of the form that a receipt has."""
        return self._form % (expires_at, given_at, b64url(leaf).encode(), record.encode(), subject.encode())
