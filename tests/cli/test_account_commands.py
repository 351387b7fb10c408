"""`askfirst audit subject` and `erase` by account: by the keyed pseudonym that the website's own people make."""

import json

import pytest

from askfirst.usecases.sequence import sequence_all
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from web.test_accounts import ALICE, BOB, relay, switch_on
from web.test_server_decisions import NONE, token

ORGANISATION = ("--organisation", "example")


@pytest.fixture
def granted(home: Home) -> str:
    """Give the record id of a grant tied to an account that refused before; another account has a record too."""
    with run_service(home) as service:
        switch_on(service)
        secret = token(service)
        relay(service, ALICE, secret, purposes=NONE, method="reject_all")
        record: str = relay(service, ALICE, secret).json()["record"]
        relay(service, BOB, secret)
        service.settle()
        return record


def test_an_account_is_handed_out_and_forgotten(furnished_askfirst: CommandLine, home: Home, granted: str) -> None:
    """A refusal too, which no consent id would find; the other account keeps its record, and the ledger holds."""
    held = json.loads(furnished_askfirst.does("audit", "subject", "--account", ALICE, *ORGANISATION))
    erase = ("audit", "erase", "--account", ALICE, "--reason", "Asked for.", *ORGANISATION)
    unasked = furnished_askfirst(*erase)
    said = furnished_askfirst.does(*erase, "--yes")
    sequence_all(home.place.ledger, 1, clock=home.clock)

    records = {one["record"] for one in held["records"]}
    assert (2, [ALICE]) == (len(records), held["accounts"])
    assert granted in records
    assert 1 == unasked.code
    assert all(f"Forgotten: {record}" in said for record in records)
    assert "nothing" in furnished_askfirst.refuses("audit", "subject", "--account", ALICE, *ORGANISATION).lower()
    other = json.loads(furnished_askfirst.does("audit", "subject", "--account", BOB, *ORGANISATION))
    assert 1 == len(other["records"])
    assert "2 were forgotten in order" in furnished_askfirst.does("ledger", "verify", *ORGANISATION)


@pytest.mark.parametrize("account", ["alice", "A" * 42, f"{ALICE}=", ""])
def test_what_is_no_pseudonym_is_refused_by_name(furnished_askfirst: CommandLine, account: str) -> None:
    """An account's own id never goes to the service: it is told what a pseudonym looks like."""
    for words in (("audit", "subject"), ("audit", "erase", "--reason", "x", "--yes")):
        said = furnished_askfirst.refuses(*words, "--account", account, *ORGANISATION)

        assert "is no pseudonym of an account: it has 43 characters of base64url." in said
