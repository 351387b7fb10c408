"""A genuine receipt that is shown where it does not belong: each who reads it says so, and in which way."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from askfirst.core.errors import NotFound
from askfirst.storage import tables as t
from askfirst.usecases.erase import subject_of_receipt
from askfirst.usecases.keys import RECEIPT, active_key
from askfirst_sdk.check import Reason, read_consent
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.signing import TokenSigner
from askfirst_sdk.token import DESCRIPTOR_SALT, RECEIPT_SALT, claimed_payload
from support.altered_log import change, leaves, said, verified
from support.running_service import RunningService

pytestmark = pytest.mark.each_database

NOT_OURS = "no receipt that this organisation issued"
# Whence a receipt comes, and what is said of it: by the SDK, by who looks for its subject, by `ledger verify`.
REPLAYED = {
    "another organisation": (Reason.UNKNOWN_KEY, NOT_OURS, "The receipt does not hold: "),
    "another site": (Reason.OTHER_SITE, None, "The receipt is genuine, but it is the receipt of another answer."),
    "another salt": (Reason.BAD_SIGNATURE, NOT_OURS, "The receipt does not hold: "),
    "another organisation, as ours": (Reason.UNKNOWN_KEY, NOT_OURS, "The receipt does not hold: "),
}


def replayed(log: RunningService, whence: str, own: str) -> str:
    """Return a token that was signed in good faith, for something else than the site demo0001 of log 1."""
    place = log.home.place
    if whence == "another organisation":
        return str(log.accept("other0001")["receipt"])
    if whence == "another site":
        return str(log.accept("shop0001")["receipt"])
    log_id, salt = (1, DESCRIPTOR_SALT) if whence == "another salt" else (2, RECEIPT_SALT)
    key = active_key(place.catalogue.snapshot().keys, place.keys, log_id, RECEIPT)
    return TokenSigner(key, salt).token(claimed_payload(own))


@pytest.mark.parametrize("whence", REPLAYED)
def test_a_replayed_receipt_opens_nothing_and_is_told_for_what_it_is(log: RunningService, whence: str) -> None:
    """No consent on a website, no subject to join, no word about a record; in a row of the database it is found."""
    reason, unknown, finding = REPLAYED[whence]
    row = leaves(log.home)[-2]
    own = str(log.accept()["receipt"])
    token = replayed(log, whence, own)
    log.settle()
    directory = log.home.place.directory()

    assert (Reason.GRANTED, reason) == (seen(log, own).reason, seen(log, token).reason)
    assert not seen(log, token).allows("measurement")
    assert ["current", "unknown"] == standing(log, own, token)
    assert (
        json.loads(claimed_payload(log.accept(receipt=token)["receipt"]))["sub"] not in claimed_payload(token).decode()
    )
    if unknown is None:  # of the same organisation, whose receipt it is
        assert subject_of_receipt(directory, 1, token)
    else:
        with pytest.raises(NotFound, match=unknown):
            subject_of_receipt(directory, 1, token)
    log.settle()
    assert [] == said(verified(log.home))
    change(log.home, update(t.record).where(t.record.c.record_id == row.entry_id).values(receipt=token))
    result = verified(log.home)
    assert (row.position, 1) == (result.first_bad, len(result.findings))
    assert said(result)[0].startswith(f"Entry {row.position}: {finding}")


@pytest.mark.parametrize("site", ["demo0001", "shop0001", "other0001"])
def test_a_server_that_believes_every_organisation_here_still_believes_receipts_of_its_site_alone(
    log: RunningService, site: str
) -> None:
    """The site is signed: keys of several organisations in one ring let nobody through for another."""
    receipts = {one: str(log.accept(one)["receipt"]) for one in ("demo0001", "shop0001", "other0001")}
    directory = log.home.place.directory()
    everybody = KeyRing(key for log_id in (1, 2) for key in directory.receipt_ring(log_id))
    now = log.home.clock() / 1000
    found = {one: read_consent([token], everybody, site, [1], now=now).reason for one, token in receipts.items()}

    assert {one: Reason.GRANTED if one == site else Reason.OTHER_SITE for one in receipts} == found


def seen(log: RunningService, token: str) -> Any:
    """Return what the server of demo0001 reads from a cookie."""
    ring = log.home.place.directory().receipt_ring(1)
    return read_consent([token], ring, "demo0001", [1], now=log.home.clock() / 1000)


def standing(log: RunningService, *tokens: str) -> list[str]:
    """Return what the service says of receipts to demo0001."""
    answer = log.request("POST", "/v/demo0001", content=json.dumps({"v": 1, "receipts": tokens}).encode())
    return [one["state"] for one in answer.json()["answers"]]
