"""Keys rotate while visitors answer: no receipt breaks, and none is signed by a key that nobody could know yet."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from askfirst.usecases.keys import RECEIPT, announce_key, rotate_key
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst_sdk.encoding import base64url_decode
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier
from support.running_service import RunningService
from support.time_and_ids import MINUTE


@contextmanager
def visitors(service: RunningService) -> Iterator[list[tuple[int, str]]]:
    """Have two visitors answer all the time, and give what they were answered: statuses and receipts."""
    answers: list[tuple[int, str]] = []
    stop, lock = threading.Event(), threading.Lock()

    def visit() -> None:
        while not stop.is_set():
            with lock:
                decision = service.decision()
            answer = service.post(decision)
            answers.append((answer.status_code, answer.json().get("receipt", "")))

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def wait_for(answers: list[tuple[int, str]], more: int) -> None:
    """Let visitors go on for so many answers more."""
    enough = threading.Event()
    wanted = len(answers) + more
    while len(answers) < wanted:
        enough.wait(0.01)


def signers(answers: list[tuple[int, str]]) -> list[str]:
    """Return the ids of the keys that signed, each once, in the order in which they appear."""
    ids = [base64url_decode(receipt.rpartition(".")[2].encode())[:4].hex() for _, receipt in answers]
    return list(dict.fromkeys(ids))


def published(service: RunningService) -> TokenVerifier:
    """Return what believes the receipt keys that the service publishes now."""
    lines = service.get("/log/example/keys").text.split()
    return TokenVerifier(KeyRing.parse(one for one in lines if "/receipts+" in one), RECEIPT_SALT)


@pytest.mark.each_database
@pytest.mark.parametrize("make", [rotate_key, announce_key], ids=["at once", "announced"])
def test_no_receipt_breaks_while_keys_rotate(
    service: RunningService, make: Callable[..., object], database: str
) -> None:
    """Three times in a row, under load: each receipt verifies under the keys that are published afterwards."""
    home = service.home
    with visitors(service) as answers:
        wait_for(answers, 5)
        for _ in range(3):
            make(home.place.catalogue, home.place.keys, home.organisation(), RECEIPT, by=home.place.by)
            service.node.refresh()
            wait_for(answers, 5)
            # Where it was only announced, its time comes now.
            home.clock.forward((home.settings.key_wait_minutes + 1) * MINUTE)
            service.node.refresh()
            wait_for(answers, 5)
    service.settle()
    believed = published(service)
    place = home.place
    verified = verify_ledger(place.directory, place.ledger, 1, lambda _done, _of: None, anchor=home.anchors.read(1))

    assert {201} == {status for status, _ in answers}
    assert 4 == len(signers(answers))
    assert len(answers) == len([believed.payload(receipt) for _, receipt in answers])
    assert [] == list(verified.findings)


def test_every_answer_was_signed_by_a_key_that_was_published_before(service: RunningService) -> None:
    """A server that fetched the keys before the rotation can check every receipt until the new one takes over."""
    home = service.home
    announce_key(home.place.catalogue, home.place.keys, home.organisation(), RECEIPT, by=home.place.by)
    service.node.refresh()
    known = published(service)
    with visitors(service) as answers:
        wait_for(answers, 5)
        home.clock.forward((home.settings.key_wait_minutes + 1) * MINUTE)
        service.node.refresh()
        wait_for(answers, 5)

    assert 2 == len(signers(answers))
    assert len(answers) == len([known.payload(receipt) for _, receipt in answers])
