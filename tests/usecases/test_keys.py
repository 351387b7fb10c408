"""Keys through their life: announced, active, retired, revoked; nobody meets a signature they can not check yet."""

import pytest
from sqlalchemy import update

from askfirst.storage import tables as t
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, announce_key, revoke_key
from askfirst.usecases.succeed import succeed
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst_sdk.descriptor import Descriptor, verified_descriptor
from askfirst_sdk.errors import TokenError
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier, claimed_payload
from support.running_service import RunningService

_MINUTE = 60_000


def _descriptor(service: RunningService) -> Descriptor:
    """Return what a server fetches at this moment, believed for the keys that it names."""
    return verified_descriptor(service.get("/descriptor/demo0001").text, None)


def _believes(descriptor: Descriptor, receipt: str) -> bool:
    try:
        TokenVerifier(descriptor.ring(), RECEIPT_SALT).payload(receipt)
    except TokenError:
        return False
    return True


def _subject(receipt: str) -> str | None:
    return parse_receipt(claimed_payload(receipt)).subject


def _announce(service: RunningService, use: str) -> bytes:
    place = service.home.place
    key = announce_key(place.catalogue, place.keys, service.home.organisation(), use, by=place.by)
    service.node.refresh()
    return key.key_id


def _revoke(service: RunningService, use: str) -> None:
    place, organisation = service.home.place, service.home.organisation()
    (signing,) = [one for one in place.directory().keys_of(organisation.log_id, use) if one.state == "active"]
    words = "A laptop with a copy was stolen."
    revoke_key(place.catalogue, place.keys, organisation, signing.key_id.hex(), reason=words, by=place.by)
    service.node.refresh()


def test_no_receipt_is_ever_signed_with_a_key_that_was_published_less_than_the_wait_ago(
    service: RunningService,
) -> None:
    """What a server fetched before the announcement is enough until the new key takes over, and what it fetched then
    is enough for both."""
    before = _descriptor(service)
    _announce(service, RECEIPT)
    between = _descriptor(service)
    early = service.accept()["receipt"]
    service.home.clock.forward(60 * _MINUTE - 1)
    service.node.refresh()
    last = service.accept()["receipt"]
    service.home.clock.forward(1)
    service.node.refresh()
    late = service.accept()["receipt"]

    assert [True, True, False] == [_believes(before, receipt) for receipt in (early, last, late)]
    assert [True, True, True] == [_believes(between, receipt) for receipt in (early, last, late)]
    assert [True, True, True] == [_believes(_descriptor(service), receipt) for receipt in (early, last, late)]


def test_a_new_checkpoint_key_takes_over_by_itself(service: RunningService) -> None:
    """The next checkpoint after the wait has the new key's signature, and the log holds together all the way."""
    service.accept()
    service.settle()
    key_id = _announce(service, CHECKPOINT)
    service.home.clock.forward(61 * _MINUTE)
    service.node.refresh()
    service.accept()
    service.settle()
    place = service.home.place
    keys = {key.key_id: key.state for key in place.directory().keys_of(1, CHECKPOINT)}
    anchor = service.home.anchors.read(1)

    assert sorted(["active", "retired"]) == sorted(keys.values())
    assert "active" == keys[key_id]
    assert [] == verify_ledger(place.directory, place.ledger, 1, anchor=anchor).findings


@pytest.mark.parametrize("from_before", [False, True])
def test_a_key_that_waits_to_sign_ends_with_its_log(service: RunningService, from_before: bool) -> None:
    """It is named after the log that was closed: the successor's key goes on, also where nobody retired the other one,
    as in databases from before this was so."""
    service.accept()
    service.settle()
    home, place = service.home, service.home.place
    key_id = _announce(service, CHECKPOINT)
    new = "consent.example.net/log/example-2"
    succeed(
        place.catalogue,
        place.ledger,
        place.keys,
        home.organisation(),
        origin=new,
        kept=home.anchors.read(1),
        reason="The newest backup was older.",
        by=place.by,
    )
    state = {key.key_id: key.state for key in place.directory().keys}[key_id]
    if from_before:
        with place.engine.begin() as connection:
            connection.execute(update(t.key).where(t.key.c.key_id == key_id).values(state="announced"))
    home.clock.forward(61 * _MINUTE)
    service.node.refresh()
    version = place.catalogue.version()
    service.node.refresh()
    service.accept()
    service.settle()

    assert "retired" == state
    assert version == place.catalogue.version()
    assert str(home.anchors.read(1)).startswith(f"{new}\n")
    assert place.ledger.head(1).size == place.ledger.last_checkpoint(1).size  # type: ignore[union-attr]
    if not from_before:
        assert [] == verify_ledger(place.directory, place.ledger, 1, anchor=home.anchors.read(1)).findings


def test_a_key_that_this_node_does_not_hold_never_takes_over(service: RunningService) -> None:
    """Whoever lost the file goes on with the key before, instead of being unable to sign."""
    key_id = _announce(service, RECEIPT)
    (service.home.settings.keys_folder / f"{key_id.hex()}.key").unlink()
    service.home.clock.forward(61 * _MINUTE)
    service.node.refresh()
    service.accept()

    assert "announced" == {key.key_id: key.state for key in service.home.place.directory().keys}[key_id]


@pytest.mark.each_database
def test_the_runbook_of_a_stolen_receipt_key(service: RunningService) -> None:
    """Revoked and replaced: old receipts count for nothing once a server has heard of it, new ones do."""
    old = service.accept()["receipt"]
    thief = _descriptor(service)
    _revoke(service, RECEIPT)
    described = _descriptor(service)
    new = service.accept()["receipt"]
    service.settle()
    place = service.home.place

    assert _believes(thief, old)
    assert [False, True] == [_believes(described, receipt) for receipt in (old, new)]
    assert 1 == len(described.revoked)
    assert [] == verify_ledger(place.directory, place.ledger, 1, anchor=service.home.anchors.read(1)).findings


def test_a_receipt_of_a_revoked_key_gives_no_power(service: RunningService) -> None:
    """It joins no subject any more: whoever has the key could have made it."""
    first = service.accept()
    _revoke(service, RECEIPT)
    second = service.accept(receipt=first["receipt"])
    subjects = {_subject(one["receipt"]) for one in (first, second)}

    assert 2 == len(subjects)


def test_after_a_stolen_checkpoint_key_the_log_goes_on_under_a_new_one(service: RunningService) -> None:
    """Signed at once; the checkpoints before stay what they were."""
    service.accept()
    service.settle()
    before = service.get("/log/example/checkpoint").text
    _revoke(service, CHECKPOINT)
    service.accept()
    service.settle()
    after = service.get("/log/example/checkpoint").text
    place = service.home.place

    assert before != after
    assert [] == verify_ledger(place.directory, place.ledger, 1, anchor=service.home.anchors.read(1)).findings
    assert KeyRing.parse(service.get("/log/example/keys").text.split())
