"""The name of a log that the database does not know: what the folder of keys and the kept checkpoint still say."""

from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from askfirst.core.checkpoint import Checkpoint, sign_checkpoint
from askfirst.core.errors import LedgerFault, NameTaken
from askfirst.core.kinds import EntryKind
from askfirst.usecases.keys import CHECKPOINT
from askfirst.usecases.rows import Organisation
from askfirst.usecases.set_up import begin_organisation
from askfirst.usecases.succeed import succeed
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import SigningKey
from support.altered_log import said, verified
from support.places import Home
from support.running_service import RunningService
from support.staff import entries

NEW, LOST = "consent.example.net/log/example-2", "consent.example.net/log/lost"


class Broken(Exception):
    """The connection is lost at the commit."""


def go_on(home: Home, **changes: object) -> Organisation:
    given: dict[str, object] = {"origin": NEW, "kept": home.anchors.read(1), "reason": "Lost.", "by": home.place.by}
    place = home.place
    return succeed(
        place.catalogue,
        place.ledger,
        place.keys,
        home.organisation(),
        **(given | changes),  # type: ignore[arg-type]
    )


def begin(home: Home, slug: str = "third", origin: str = LOST) -> Organisation:
    place = home.place
    return begin_organisation(place.catalogue, place.keys, slug=slug, name="Third", origin=origin, by=place.by)


def break_commit(engine: Engine, patch: pytest.MonkeyPatch, *, stored: bool) -> None:
    """Let the next commit fail, before or after it is made; those after it work."""
    commit = engine.dialect.do_commit

    def broken(connection: object) -> None:
        patch.setattr(engine.dialect, "do_commit", commit)
        if stored:
            commit(connection)  # type: ignore[arg-type]
        raise Broken

    patch.setattr(engine.dialect, "do_commit", broken)


def fail(
    act: Callable[[Home], Organisation], service: RunningService, patch: pytest.MonkeyPatch, *, stored: bool
) -> None:
    """Have an act's commit fail, after it was made or instead."""
    service.settle()
    break_commit(service.home.place.engine, patch, stored=stored)
    with pytest.raises(Broken):
        act(service.home)


@pytest.mark.each_database
@pytest.mark.parametrize("act", [go_on, begin])
def test_a_change_that_failed_leaves_its_name_free(
    service: RunningService, monkeypatch: pytest.MonkeyPatch, act: Callable[[Home], Organisation]
) -> None:
    """Nobody ever saw the key that was made for it: it is taken away, and the same command works afterwards."""
    home = service.home
    before = home.place.keys.names()
    fail(act, service, monkeypatch, stored=False)
    assert before == home.place.keys.names()

    organisation = act(home)
    assert organisation == home.organisation(organisation.slug)


@pytest.mark.each_database
@pytest.mark.parametrize("act", [go_on, begin])
def test_a_change_that_was_made_though_its_answer_was_lost_keeps_its_key(
    service: RunningService, monkeypatch: pytest.MonkeyPatch, act: Callable[[Home], Organisation]
) -> None:
    """It is published, and nobody else holds it: without it the log could never be signed."""
    home = service.home
    fail(act, service, monkeypatch, stored=True)

    keys = home.place.directory().keys
    active = [VerifierKey.parse(key.verifier) for key in keys if key.use == CHECKPOINT and key.state == "active"]
    assert {NEW, LOST} & {key.name for key in active}
    assert all(home.place.keys.find(key) for key in active)


def test_a_key_without_a_log_keeps_its_name_and_says_what_to_do(service: RunningService) -> None:
    """It may be a lost log's, whose tiles are in caches, or what a killed command left: nobody can tell from here."""
    home = service.home
    service.settle()
    home.place.keys.keep(SigningKey.generate(LOST))
    for taken in (LOST, "elsewhere.example.net/log/lost"):
        with pytest.raises(NameTaken, match=f"has a key named {LOST}, .* attempt that failed. Take another name"):
            go_on(home, origin=taken)
    for slug, origin in (("third", LOST), ("lost", "consent.example.net/log/third")):
        with pytest.raises(NameTaken, match=f"has a key named {LOST}, .* another origin. If it is left from"):
            begin(home, slug, origin)

    assert {"example", "other"} == {one.slug for one in home.place.catalogue.snapshot().organisations}
    assert "third" == begin(home, "third", "consent.example.net/log/third").slug


def test_a_lost_log_that_the_database_never_named_is_taken_up_only_by_its_name(service: RunningService) -> None:
    """Where an organisation got the number of one that was lost, what is kept outside may be that one's."""
    home = service.home
    service.settle()
    key = SigningKey.generate(LOST)
    home.place.keys.keep(key)
    kept = sign_checkpoint(Checkpoint(LOST, 7, b"\x07" * 32), key.verifier, key.sign).decode()
    with pytest.raises(LedgerFault, match=f"is of {LOST}, a log that this database never named.* so: --from {LOST};"):
        go_on(home, kept=kept)
    with pytest.raises(LedgerFault, match=f"is of {LOST}, and not of {NEW}"):
        go_on(home, kept=kept, lost_origin=NEW)
    assert [] == entries(home, EntryKind.LOG_CLOSED)
    assert LOST not in {VerifierKey.parse(one.verifier).name for one in home.place.directory().keys}

    go_on(home, kept=kept, lost_origin=LOST)
    assert kept == entries(home, EntryKind.LOG_OPENED)[-1]["predecessor"]
    assert [] == said(verified(home, kept))
