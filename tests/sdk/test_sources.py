"""Where keys come from besides the network, how an event loop refreshes them, and what it all may weigh."""

import asyncio
import logging
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from askfirst_sdk import Askfirst, Reason
from askfirst_sdk.client import ENVIRONMENT
from askfirst_sdk.descriptor import descriptor_payload
from askfirst_sdk.errors import ConfigurationError
from sdk.examples import LIFETIME, NEXT, RECEIPTS, SITE, STRANGER, grant, sign, signed
from sdk.test_client import NOW, YES, Service, client, descriptor, eventually, service

__all__ = ["client", "service"]

TOKEN = sign(RECEIPTS, descriptor_payload(descriptor()), "descriptor")
EXPIRED = sign(RECEIPTS, descriptor_payload(descriptor(issued_at=NOW - 9, expires_at=NOW - 1)), "descriptor")
Make = Callable[..., Askfirst]


def test_a_descriptor_as_a_text_is_enough(client: Make) -> None:
    """For a server without a way out: nothing is fetched, no thread runs."""
    askfirst = client(descriptor=TOKEN + "\n")

    assert askfirst.ready(0)
    assert askfirst.read(YES).allows("measurement")
    assert not askfirst.read(YES, headers={"Sec-GPC": "1"}).allows("marketing")
    assert Reason.KEYS_NOT_LOADED == askfirst.read(YES, now=NOW + 86_400).reason


def test_a_descriptor_comes_from_the_environment(client: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its text or the path of its file, where nothing else is said."""
    (tmp_path / "descriptor").write_text(TOKEN, encoding="ascii")
    for value in (TOKEN, str(tmp_path / "descriptor")):
        monkeypatch.setenv(ENVIRONMENT, value)
        assert client().read(YES).allows("measurement")

    assert client(keys=[STRANGER.verifier.text], accepted_revisions=[2]).descriptor is None


def test_a_file_is_read_again(client: Make, tmp_path: Path) -> None:
    """Whoever puts a newer one there reaches the server without a restart; a broken one changes nothing."""
    file = tmp_path / "descriptor"
    file.write_text(TOKEN, encoding="ascii")
    askfirst = client(descriptor=file)
    assert askfirst.read(YES).allows("measurement")

    file.write_text("half a descr", encoding="ascii")
    newer = sign(NEXT, descriptor_payload(descriptor(revisions=(3,), issued_at=NOW + 1)), "descriptor")
    assert askfirst.read(YES).allows("measurement")
    file.write_text(newer, encoding="ascii")

    assert eventually(lambda: askfirst.read(YES).reason is Reason.OLDER_REVISION)


@pytest.mark.parametrize("given", [EXPIRED, TOKEN[:-9] + "AAAAAAAAA", "/no/such/file"])
def test_a_descriptor_that_can_not_be_believed_stops_no_server(
    client: Make, caplog: pytest.LogCaptureFixture, given: str
) -> None:
    """It is said in the log, and nothing is allowed."""
    with caplog.at_level(logging.WARNING, "askfirst_sdk"):
        askfirst = client(descriptor=given)
        assert Reason.KEYS_NOT_LOADED == askfirst.read(YES).reason

    assert "can not be believed" in caplog.text


def test_pins_hold_for_a_file_too(client: Make) -> None:
    """Who can write the file can not bring a key of their own."""
    assert client(descriptor=TOKEN, keys=[RECEIPTS.verifier.text]).read(YES).allows("measurement")
    assert not client(descriptor=TOKEN, keys=[STRANGER.verifier.text]).read(YES).allows("measurement")


def test_one_source_is_enough(client: Make) -> None:
    """Two could say different things."""
    with pytest.raises(ConfigurationError, match="not both"):
        client(descriptor=TOKEN, service_url="https://consent.example")


def test_an_event_loop_refreshes_in_a_task_of_its_own(service: Service, client: Make) -> None:
    """No thread of ours runs meanwhile; afterwards the thread takes over."""
    askfirst = client(service_url=service.url)

    async def live() -> tuple[bool, bool, bool]:
        async with askfirst.refreshing():
            await asyncio.to_thread(eventually, lambda: askfirst.descriptor is not None)
            allowed = askfirst.read(YES).allows("measurement")
            service.show(descriptor(revisions=(3,), issued_at=NOW + 1))
            changed = await asyncio.to_thread(eventually, lambda: askfirst.read(YES).reason is Reason.OLDER_REVISION)
            return (
                allowed,
                changed,
                askfirst._knowledge.refresh is not None and askfirst._knowledge.refresh._thread is None,
            )

    assert (True, True, True) == asyncio.run(live())
    service.show(descriptor(revisions=(2,), issued_at=NOW + 2))
    assert eventually(lambda: askfirst.read(YES).allows("measurement"))


def test_an_unchanged_descriptor_leaves_what_was_verified_remembered(service: Service, client: Make) -> None:
    """A newer one that says the same empties no memory; one that changes anything does."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    askfirst.read(YES)

    service.show(descriptor(issued_at=NOW + 1))
    assert eventually(lambda: askfirst.descriptor is not None and askfirst.descriptor.issued_at == NOW + 1)
    kept = askfirst._knowledge.loaded.open_copy.cache_info().currsize  # type: ignore[union-attr]
    service.show(descriptor(issued_at=NOW + 2, revisions=(2, 3)))
    assert eventually(lambda: askfirst.descriptor is not None and askfirst.descriptor.issued_at == NOW + 2)
    emptied = askfirst._knowledge.loaded.open_copy.cache_info().currsize  # type: ignore[union-attr]

    assert (1, 0) == (kept, emptied)


def test_the_value_of_the_cookie_alone_is_read_too(client: Make) -> None:
    """Frameworks hand over values; a value is no header, and a header no value."""
    askfirst = client(descriptor=TOKEN)
    value = YES.partition("=")[2]

    assert askfirst.read(value).allows("measurement")
    assert askfirst.read(value.encode()).allows("measurement")
    assert Reason.NO_RECEIPT == askfirst.read(f"other={value}").reason
    assert Reason.NO_RECEIPT == askfirst.read("nonsense").reason


def hostile() -> list[Any]:
    """Return headers that only an attacker sends, about a megabyte each."""
    name = f"__Host-askfirst-{SITE}="
    return [
        f"{name}{'A' * 1_000_000}",
        f"{name}x; " * 30_000,
        name * 30_000,
        f"{YES}; " + "a=b; " * 200_000,
        ";" * 1_000_000,
        os.urandom(1_000_000),
        "\ud800" * 300_000,
    ]


def test_a_megabyte_of_cookies_leaves_nothing_behind(client: Make) -> None:
    """Constant memory whatever comes, and the good receipt among it still counts."""
    askfirst = client(descriptor=TOKEN)
    headers = hostile()
    verdicts = [askfirst.read(header).allows("measurement") for header in headers]
    tracemalloc.start()
    for header in headers * 3:
        askfirst.read(header)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [False, False, False, True, False, False, False] == verdicts
    assert grown < 100_000


def test_a_flood_of_different_receipts_keeps_to_its_bound(client: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Genuine ones fill the memory up to its bound, forged ones not at all."""
    monkeypatch.setattr("askfirst_sdk.knowledge._REMEMBERED", 20)
    askfirst = client(descriptor=TOKEN)
    for number in range(60):
        askfirst.read(f"__Host-askfirst-{SITE}={signed(grant(number, given_at=NOW, expires_at=NOW + LIFETIME))}")
        askfirst.read(f"__Host-askfirst-{SITE}={signed(grant(number), STRANGER)}")

    assert 20 == askfirst._knowledge.loaded.open_copy.cache_info().currsize  # type: ignore[union-attr]
