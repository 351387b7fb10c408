"""What `ledger verify` notices of policies, scripts and keys that were altered or slipped in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.directory import index
from askfirst.usecases.keys import RECEIPT, rotate_key
from askfirst.usecases.rows import Build
from askfirst_sdk.signing import SigningKey
from support.altered_log import change, said, verified
from support.places import Home, publish
from support.running_service import RunningService

pytestmark = pytest.mark.each_database


def _position_of(home: Home, kind: EntryKind, holds: Callable[[dict[str, Any]], bool] = lambda _what: True) -> int:
    for entry in home.place.ledger.entries(1, 0, 1000):
        if entry.kind == kind and holds(json.loads(entry.what or b"{}")):
            assert entry.position is not None
            return entry.position
    raise AssertionError(f"there is no entry of kind {kind}")


def test_an_edited_policy_is_named_and_never_served(log: RunningService) -> None:
    """Whoever changes a published text in the database is found, and the service does not start on it."""
    with log.home.place.engine.begin() as connection:
        row = connection.execute(select(t.policy).where(t.policy.c.site_key == "demo0001")).one()
        edited = row.canonical.replace(b"accept in English", b"ACCEPT in English")
        assert edited != row.canonical
        connection.execute(update(t.policy).where(t.policy.c.digest == row.digest).values(canonical=edited))
    position = _position_of(log.home, EntryKind.POLICY_PUBLISHED, lambda what: what["site"] == "demo0001")
    result = verified(log.home)

    assert position == result.first_bad
    expected = f"the policy {row.digest.hex()} of site demo0001 that it announced is missing or was altered"
    assert f"Entry {position}: {expected}" in said(result)
    with pytest.raises(ConfigurationFault, match="policy 1 of site demo0001 is not what was published"):
        index(log.home.place.catalogue.snapshot())


def test_a_policy_that_nobody_announced_is_noticed(log: RunningService) -> None:
    """A policy row that was slipped in has no entry."""
    from askfirst.core.canonical import digest_hex
    from askfirst.core.policy import canonical_policy
    from core.examples import draft
    from support.places import members

    policy = draft(members(lifetime_days=7)).published("demo0001", 2, 1)
    canonical = canonical_policy(policy)
    digest = bytes.fromhex(digest_hex(canonical))
    with log.home.place.engine.begin() as connection:
        row = dict(connection.execute(select(t.policy).where(t.policy.c.site_key == "demo0001")).mappings().one())
        connection.execute(
            insert(t.policy).values({**row, "number": 2, "digest": digest, "canonical": canonical, "superseded_at": 1})
        )

    assert ["Policy 2 of site demo0001 was never announced by an entry."] == said(verified(log.home))


def test_a_script_that_was_edited_or_slipped_in_is_noticed(log: RunningService) -> None:
    """Builds are held against their digest and their entry."""
    digest = bytes.fromhex(log.build())
    change(log.home, update(t.build).where(t.build.c.log_id == 1).values(script=b"evil()"))
    with log.home.place.catalogue.transaction() as transaction:
        transaction.add_build(Build(1, b"\x01" * 32, b"evil()", 1))
    position = _position_of(log.home, EntryKind.BUILD_PUBLISHED)

    assert [
        f"Entry {position}: the script {digest.hex()} that it announced is missing or was altered",
        f"The script {'01' * 32} was never announced by an entry.",
    ] == said(verified(log.home))


def test_a_key_that_was_slipped_in_or_revived_is_noticed(log: RunningService) -> None:
    """A receipt key that no entry announced would make forged receipts genuine."""
    place = log.home.place
    rotate_key(place.catalogue, place.keys, log.home.organisation(), RECEIPT, by=place.by)
    log.settle()
    stranger = SigningKey.from_seed("consent.example.net/log/example/receipts", b"\x0a" * 32).verifier
    row = {"log_id": 1, "key_id": stranger.key_id, "use": RECEIPT, "verifier": stranger.text}
    change(
        log.home,
        insert(t.key).values({**row, "state": "active", "created_at": 1, "changed_at": 1}),
        update(t.key).where(t.key.c.log_id == 1, t.key.c.state == "retired").values(state="active"),
    )
    position = _position_of(log.home, EntryKind.KEY_RETIRED)
    lines = said(verified(log.home))

    assert f"The key {stranger.text} was never announced by an entry." in lines
    assert any(line.startswith(f"Entry {position}: the key ") and "here it was retired" in line for line in lines)


def _succeeded(log: RunningService) -> None:
    publish(log.home.place, "demo0001", lifetime_days=30)
    log.home.clock.forward(1)
    publish(log.home.place, "demo0001", lifetime_days=31)
    log.settle()


def _ends(log: RunningService, number: int, superseded_at: int | None) -> Any:
    of_it = (t.policy.c.site_key == "demo0001") & (t.policy.c.number == number)
    return update(t.policy).where(of_it).values(superseded_at=superseded_at)


def test_an_older_policy_that_was_made_the_current_one_is_named(log: RunningService) -> None:
    """Which policy visitors are asked by is told by its end alone, and the entries tell that one."""
    _succeeded(log)
    held = said(verified(log.home))
    change(log.home, _ends(log, 2, None), _ends(log, 3, log.home.clock()))
    positions = {
        number: _position_of(log.home, EntryKind.POLICY_PUBLISHED, lambda what, n=number: what["number"] == n)
        for number in (2, 3)
    }

    assert [] == held
    assert [
        f"Entry {positions[3]}: policy 2 of site demo0001 does not end with the one that it announced",
        f"Entry {positions[3]}: policy 3 of site demo0001 has an end, but none was published after it",
    ] == said(verified(log.home))


@pytest.mark.parametrize(
    ("values", "named"),
    [({"published_at": 1}, "time"), ({"reason": "Another one."}, "reason"), ({"staff": "eve"}, "publisher")],
    ids=["time", "reason", "publisher"],
)
def test_a_policy_tells_when_why_and_by_whom_it_was_published(
    log: RunningService, values: dict[str, Any], named: str
) -> None:
    """All of it is shown to auditors, and all of it is in its entry."""
    change(log.home, update(t.policy).where(t.policy.c.site_key == "demo0001").values(values))
    position = _position_of(log.home, EntryKind.POLICY_PUBLISHED, lambda what: what["site"] == "demo0001")

    assert [f"Entry {position}: policy 1 of site demo0001 has another {named} than it says"] == said(verified(log.home))


@pytest.mark.parametrize(
    ("values", "named"),
    [({"use": "checkpoint"}, "use"), ({"created_at": 1}, "time"), ({"changed_at": 1}, "time of its last change")],
    ids=["use", "time", "change"],
)
def test_a_key_tells_what_it_is_for_and_since_when(log: RunningService, values: dict[str, Any], named: str) -> None:
    """Of several active keys the newest signs, so that a time decides which one does."""
    rotate_key(log.home.place.catalogue, log.home.place.keys, log.home.organisation(), RECEIPT, by=log.home.place.by)
    log.settle()
    (retired,) = (one for one in log.home.place.directory().keys_of(1, RECEIPT) if one.state == "retired")
    change(log.home, update(t.key).where(t.key.c.log_id == 1, t.key.c.key_id == retired.key_id).values(values))
    position = _position_of(log.home, EntryKind.KEY_RETIRED)

    assert f"Entry {position}: the key {retired.verifier} has another {named} than was said last" in said(
        verified(log.home)
    )


def test_a_script_tells_since_when_it_was_served(log: RunningService) -> None:
    """Its entry has the time."""
    change(log.home, update(t.build).where(t.build.c.log_id == 1).values(first_served_at=1))
    position = _position_of(log.home, EntryKind.BUILD_PUBLISHED)

    assert [f"Entry {position}: the script {log.build()} was first served at another time than it says"] == said(
        verified(log.home)
    )
