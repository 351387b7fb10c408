"""The calls that wait for the service: decisions told by a server, and strict mode. Within their time, or not at
all."""

import asyncio
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from askfirst_sdk import Askfirst, Consent, Reason
from askfirst_sdk.confirm import confirmed_by
from askfirst_sdk.errors import ConfigurationError, ServiceRefused, ServiceUnreachable
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.service_call import post
from askfirst_sdk.testing import PretendSite, granted, no_answer
from askfirst_sdk.token import claimed_payload
from sdk.mounted import SITE
from support.served import Served


def test_a_decision_by_phone_is_recorded_and_can_be_read(reader: Askfirst, web_token: str) -> None:
    """The receipt is one like any other; what was not agreed to is refused."""
    told = reader.record(["measurement"], token=web_token, language="en", timeout=30)
    consent = reader.read(told.receipt)

    assert (True, False) == (consent.allows("measurement"), consent.allows("embeds"))
    assert told.record_id == consent.record_id
    assert "api" == parse_receipt(claimed_payload(told.receipt)).method
    assert consent == reader.confirmed(consent, timeout=30)


def test_a_retry_counts_once(reader: Askfirst, web_token: str, web_service: Served) -> None:
    """Same id and time, same answer; a second one of another content is told so."""
    same: dict[str, Any] = {"token": web_token, "language": "en", "timeout": 30}
    same |= {"decision_id": str(uuid.uuid4()), "given_at": time.time()}
    first, again = reader.record(["embeds"], **same), reader.record(["embeds"], **same)

    assert first == again
    with pytest.raises(ServiceRefused) as refused:
        reader.record([], **same)
    assert (409, "/problems/decision-conflict") == (refused.value.status, refused.value.problem["type"])


def test_a_later_decision_joins_the_person_and_takes_back(reader: Askfirst, web_token: str) -> None:
    """In an event loop as well; the earlier receipt is then known to be withdrawn, though offline it still holds."""
    held = reader.read(reader.record(["measurement", "embeds"], token=web_token, language="en", timeout=30).receipt)

    async def narrow() -> tuple[Consent, Consent]:
        await reader.record_async(["embeds"], token=web_token, language="en", held=held, timeout=30)
        narrowed = await reader.confirmed_async(held, timeout=30)
        await reader.record_async([], token=web_token, language="en", held=held, timeout=30)
        return narrowed, await reader.confirmed_async(held, timeout=30)

    narrowed, withdrawn = asyncio.run(narrow())
    assert ({"embeds"}, Reason.WITHDRAWN) == (set(narrowed.granted), narrowed.why("measurement"))
    assert (set(), Reason.WITHDRAWN) == (set(withdrawn.granted), withdrawn.reason)
    assert reader.read(held.receipts[0]).allows("measurement")


def test_what_the_site_does_not_ask_is_not_recorded(reader: Askfirst, web_token: str) -> None:
    """A typing error is an error at once; a bad token is the service's no."""
    for wrong in (["mesurement"], "measurement"):
        with pytest.raises(ConfigurationError):
            reader.record(wrong, token=web_token, language="en")
    with pytest.raises(ServiceRefused):
        reader.record(["embeds"], token="askfirst_wrong", language="en", timeout=30)
    unloaded = Askfirst(site=SITE, service_url="http://127.0.0.1:9")
    with pytest.raises(ServiceUnreachable):
        unloaded.record(["embeds"], token="x", language="en")


def test_who_granted_nothing_is_not_asked_about() -> None:
    """Nothing could be taken away."""
    askfirst = PretendSite().askfirst

    assert no_answer() == askfirst.confirmed(no_answer())
    assert Reason.UNCONFIRMED == askfirst.confirmed(granted("measurement")).why("measurement")


@pytest.mark.parametrize(
    ("answers", "left", "reason"),
    [
        ([{"state": "current"}], {"a", "b"}, Reason.GRANTED),
        ([{"state": "superseded", "granted": ["a", "c"]}], {"a"}, Reason.WITHDRAWN),
        ([{"state": "superseded", "granted": []}], set(), Reason.WITHDRAWN),
        ([{"state": "superseded"}], set(), Reason.UNCONFIRMED),
        ([{"state": "withdrawn"}], set(), Reason.WITHDRAWN),
        ([{"state": "erased"}], set(), Reason.ERASED),
        ([{"state": "unknown"}], set(), Reason.UNCONFIRMED),
        ([{"state": "new word"}], set(), Reason.UNCONFIRMED),
        ([{}], set(), Reason.UNCONFIRMED),
        (["current"], set(), Reason.UNCONFIRMED),
        ([None], set(), Reason.UNCONFIRMED),
        ([], set(), Reason.UNCONFIRMED),
        ([{"state": "current"}] * 2, set(), Reason.UNCONFIRMED),
    ],
)
def test_anything_but_a_clear_word_takes_away(answers: Any, left: set[str], reason: Reason) -> None:
    """Strict mode fails closed."""
    site = PretendSite(purposes={"a": "opt_in", "b": "opt_in"})
    consent = confirmed_by(site.askfirst.read(site.cookie("a", "b")), answers)

    assert (left, reason) == (set(consent.granted), consent.why("b"))


@contextmanager
def answering(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Serve one connection with these bytes, one after the other, and give the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    asked = b""
                    while not asked.endswith(b"{}"):
                        asked += connection.recv(65_536)
                    for piece in pieces:
                        connection.sendall(piece)
                        if done.wait(pause):
                            return
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            server.close()
            thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "pause"),
    [
        ((), 0.0),
        ((b"no http",), 0.0),
        ((HEAD, b"no json"), 0.0),
        ((HEAD, b"[]"), 0.0),
        ((HEAD, b'{"receipt":' + b"1" * 100_000), 0.0),
        ((b"HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n{}",), 0.0),
        ((b"HTTP/1.1 429 Slow\r\nConnection: close\r\n\r\n{}",), 0.0),
        ((b"HTTP/1.1 302 Found\r\nLocation: /x\r\nConnection: close\r\n\r\n",), 0.0),
        ((*(bytes([byte]) for byte in HEAD), b"{}"), 0.05),
        ((HEAD, *([b" "] * 200), b"{}"), 0.05),
    ],
)
def test_a_service_that_does_not_answer_in_time_is_unreachable(pieces: tuple[bytes, ...], pause: float) -> None:
    """Gone, slow by the byte, or somebody else: the call ends at its time, whatever is sent."""
    with answering(*pieces, pause=pause) as url, pytest.raises(ServiceUnreachable):
        post(url, "/x", {}, timeout=1.0 if pause else 20)


def test_a_no_of_the_service_carries_its_problem() -> None:
    """For whoever made the call."""
    body = json.dumps({"type": "/problems/unknown-language", "detail": "No such language."}).encode()
    with (
        answering(b"HTTP/1.1 422 No\r\nConnection: close\r\n\r\n" + body) as url,
        pytest.raises(ServiceRefused) as refused,
    ):
        post(url, "/x", {}, timeout=20)

    assert (422, "the service refused: No such language.") == (refused.value.status, str(refused.value))
