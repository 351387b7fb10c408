"""A database that lost what was signed for: refused, closed, and gone on with under another name, step by step."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from askfirst.core.canonical import b64url
from askfirst.core.checkpoint import open_own_checkpoint
from askfirst.core.errors import BadName, LedgerFault, NameTaken, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.keys import CHECKPOINT, rotate_key
from askfirst.usecases.set_up import begin_organisation
from askfirst.usecases.succeed import succeed
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from support.altered_log import change, said, verified
from support.backups import back_up, restored
from support.cluster import Cluster
from support.places import Home, open_home, settings_of
from support.running_service import RunningService, run_service
from support.staff import entries
from support.time_and_ids import HOUR

OLD, NEW = "consent.example.net/log/example", "consent.example.net/log/example-2"


def opened_again(home: Home, url: str) -> Home:
    """Return the same home over another database, as after a restore: keys and what is kept outside stay."""
    return open_home(settings_of(home.settings.home, database_url=url), home.clock, home.random)


def take_over(home: Home, **changes: object) -> None:
    given: dict[str, object] = {
        "origin": NEW,
        "kept": home.anchors.read(1),
        "reason": "The newest backup was older.",
        "by": home.place.by,
        **changes,
    }
    place = home.place
    succeed(place.catalogue, place.ledger, place.keys, home.organisation(), **given)  # type: ignore[arg-type]


def refuses_and_goes_on(older: Home, lost: str) -> None:
    """Hold that nothing is signed on an older database, and that after closing its log it is, under the new name."""
    with run_service(older, asked=100) as service:
        before = service.get("/log/example/checkpoint").text
        service.accept()
        service.settle()
        assert before == service.get("/log/example/checkpoint").text
        reasons = {one["reason"] for one in entries(older, EntryKind.CHECKPOINT_REFUSED)}
        assert reasons <= {"entries that were signed for are missing", "it is not a continuation of that one"}
        assert reasons
        take_over(older)
        service.node.refresh()
        answer = service.accept()
        service.settle()
        note = service.get("/log/example/checkpoint")
        keys = [VerifierKey.parse(line) for line in service.get("/log/example/keys").text.split()]
        signed = open_own_checkpoint(note.content, keys)
        opened = entries(older, EntryKind.LOG_OPENED)[-1]
        closed = entries(older, EntryKind.LOG_CLOSED)

        assert (NEW, older.place.ledger.head(1).size) == (signed.origin, signed.size)
        assert (NEW, lost) == (opened["origin"], opened["predecessor"])
        assert [(NEW, "The newest backup was older.")] == [(one["successor"], one["reason"]) for one in closed]
        assert note.text == older.anchors.read(1)
        result = verified(older, older.anchors.read(1))
        assert [] == said(result)
        assert older.place.ledger.record_of(1, bytes.fromhex(answer["record"].replace("-", ""))) is not None
    # A node that was started later, with the old log's last checkpoint in its own folder, does not stop either.
    older.anchors.write(1, lost)
    with run_service(older, asked=200) as service:
        service.accept()
        service.settle()
        assert older.place.ledger.head(1).size == older.place.ledger.last_checkpoint(1).size  # type: ignore[union-attr]
    assert [] == said(verified(older, lost))


@pytest.mark.each_database
def test_a_restored_older_backup_is_refused_and_its_log_succeeded(service: RunningService, tmp_path: Path) -> None:
    """With a real dump and restore; the lost checkpoint is named in the new log for ever."""
    home = service.home
    service.accept()
    service.settle()
    back_up(home, tmp_path / "backup")
    service.accept()
    service.settle()
    lost = home.anchors.read(1)
    assert lost is not None
    older = opened_again(home, restored(home, tmp_path / "backup"))
    refuses_and_goes_on(older, lost)
    older.close()


@pytest.fixture
def restored_twice(service: RunningService, tmp_path: Path) -> Iterator[tuple[Home, str]]:
    """Give a home whose backup was restored, its log succeeded and signed for, and the same backup restored again;
    with the checkpoint of the successor that was lost by it.
    """
    home = service.home
    service.accept()
    service.settle()
    for name in ("backup", "again"):
        back_up(home, tmp_path / name)
    service.accept()
    service.settle()
    older = opened_again(home, restored(home, tmp_path / "backup"))
    take_over(older)
    with run_service(older, asked=100) as successor:
        successor.accept()
        successor.settle()
    lost = older.anchors.read(1)
    assert lost is not None
    assert lost.startswith(f"{NEW}\n")
    oldest = opened_again(home, restored(older, tmp_path / "again"))
    older.close()
    yield oldest, lost
    oldest.close()


@pytest.mark.each_database
def test_a_backup_from_before_a_succession_is_refused_and_its_log_succeeded(
    restored_twice: tuple[Home, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The successor that the database knows nothing of is named as the one before, and its name is not given again."""
    oldest, lost = restored_twice
    newest = f"{NEW[:-1]}3"
    with run_service(oldest, asked=200) as service:
        service.accept()
        service.settle()
        assert "or close this log: askfirst ledger succeed" in caplog.text
        for name in (NEW, "elsewhere.example.net/log/example-2"):
            with pytest.raises(NameTaken):
                take_over(oldest, origin=name)
        assert lost == oldest.anchors.read(1)
        assert [] == entries(oldest, EntryKind.LOG_CLOSED)
        with pytest.raises(LedgerFault, match=f"--from {NEW}"):
            take_over(oldest, origin=newest)
        assert [] == entries(oldest, EntryKind.LOG_CLOSED)
        take_over(oldest, origin=newest, lost_origin=NEW)
        service.node.refresh()
        service.accept()
        service.settle()
        keys = [VerifierKey.parse(line) for line in service.get("/log/example/keys").text.split()]
        signed = open_own_checkpoint(service.get("/log/example-3/checkpoint").content, keys)
        opened = entries(oldest, EntryKind.LOG_OPENED)[-1]

        assert (newest, oldest.place.ledger.head(1).size) == (signed.origin, signed.size)
        assert (newest, lost) == (opened["origin"], opened["predecessor"])
        # Whoever kept a checkpoint or a bundle of the lost log can still check it.
        assert NEW == open_own_checkpoint(lost.encode(), keys).origin
        assert [] == said(verified(oldest, oldest.anchors.read(1)))
    assert [] == said(verified(oldest, lost))
    states = {
        VerifierKey.parse(key.verifier).name: key.state for key in oldest.place.directory().keys_of(1, CHECKPOINT)
    }
    assert {OLD: "retired", NEW: "retired", newest: "active"} == states


@pytest.mark.each_database
def test_a_checkpoint_by_a_key_that_is_nowhere_leaves_the_log_as_it_is(restored_twice: tuple[Home, str]) -> None:
    """Nobody can tell what it promised: the sentence says what to bring back."""
    oldest, lost = restored_twice
    (file,) = (one for one in oldest.settings.keys_folder.glob("*.key") if f"+{NEW}+" in one.read_text())
    file.rename(file.with_suffix(".away"))
    with pytest.raises(LedgerFault, match="put the folder of keys back as it was when") as refused:
        take_over(oldest, origin=f"{NEW[:-1]}3")

    assert f"{NEW}+{file.stem}" in str(refused.value)
    assert (OLD, lost) == (oldest.organisation().origin, oldest.anchors.read(1))
    assert [] == entries(oldest, EntryKind.LOG_CLOSED)


def test_no_other_organisations_checkpoint_is_taken_for_one_of_a_log(service: RunningService) -> None:
    """Files that somebody mixed up make no log go on from another one's."""
    service.accept()
    service.accept("other0001")
    service.settle()
    for lost in (None, "consent.example.net/log/other"):
        with pytest.raises(LedgerFault, match="another organisation"):
            take_over(service.home, kept=service.home.anchors.read(2), lost_origin=lost)

    assert [] == entries(service.home, EntryKind.LOG_CLOSED)


def test_a_restored_backup_from_before_a_rotation_is_succeeded_too(service: RunningService, tmp_path: Path) -> None:
    """What is kept outside was signed by a key of the same log that the database has lost."""
    home = service.home
    service.accept()
    service.settle()
    back_up(home, tmp_path / "backup")
    rotate_key(home.place.catalogue, home.place.keys, home.organisation(), CHECKPOINT, by=home.place.by)
    service.node.refresh()
    service.accept()
    service.settle()
    lost = home.anchors.read(1)
    older = opened_again(home, restored(home, tmp_path / "backup"))
    take_over(older)
    with run_service(older, asked=100) as successor:
        successor.accept()
        successor.settle()

    assert lost == entries(older, EntryKind.LOG_OPENED)[-1]["predecessor"]
    assert [] == said(verified(older, older.anchors.read(1)))
    assert [] == said(verified(older, lost))
    older.close()


@pytest.fixture
def standby(cluster: Cluster) -> Iterator[Cluster]:
    """Give a real standby of the cluster."""
    with cluster.standby() as started:
        yield started


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_promoted_stale_standby_is_refused_and_its_log_succeeded(
    cluster: Cluster, service: RunningService, standby: Cluster
) -> None:
    """A failover to a replica that lagged behind loses signed entries, and that does not pass in silence."""
    home = service.home
    name = str(home.place.engine.url.database)
    service.accept()
    service.settle()
    standby.catch_up(cluster)
    standby.fall_behind()
    service.accept()
    service.settle()
    lost = home.anchors.read(1)
    assert lost is not None
    standby.promote()
    older = opened_again(home, standby.url(name))
    refuses_and_goes_on(older, lost)
    older.close()


def test_a_log_is_not_closed_for_nothing_or_into_a_name_that_was_used(service: RunningService) -> None:
    """Bad names, taken names, a closed log's own name, a log that was never signed: each is told, nothing changes."""
    home = service.home
    with pytest.raises(NotFound, match="never signed for"):
        take_over(home)
    service.settle()
    for origin, error in (
        ("a b", BadName),
        ("", BadName),
        (f"{NEW}/receipts", BadName),
        (OLD, NameTaken),
        ("consent.example.net/log/other", NameTaken),
        ("elsewhere.example.net/log/example", NameTaken),
        ("elsewhere.example.net/log/other", NameTaken),
        (f"{NEW}/", BadName),
        (f"{NEW}/..", BadName),
        (f"{NEW}?", BadName),
    ):
        with pytest.raises(error):
            take_over(home, origin=origin)
    with pytest.raises(BadName):
        take_over(home, reason="\n")
    take_over(home)
    service.node.refresh()
    service.settle()
    for origin in (OLD, "elsewhere.example.net/log/example-2"):
        with pytest.raises(NameTaken):
            take_over(home, origin=origin)
    for slug, origin in (("example-2", "elsewhere.example.net/new"), ("new", "elsewhere.example.net/example-2")):
        with pytest.raises(NameTaken, match=r"The log address “/log/example-2/” is in use"):
            begin_organisation(
                home.place.catalogue, home.place.keys, slug=slug, name="New", origin=origin, by=home.place.by
            )

    assert 1 == len(entries(home, EntryKind.LOG_CLOSED))
    states = [key.state for key in home.place.directory().keys_of(1, CHECKPOINT)]
    assert ["active", "retired"] == sorted(states)


def test_a_successor_is_not_believed_with_the_old_key(service: RunningService) -> None:
    """Each name has its own key: the old one can not sign for the new log, nor the new one for the old."""
    service.accept()
    service.settle()
    old = service.get("/log/example/checkpoint").content
    take_over(service.home)
    service.node.refresh()
    service.settle()
    new = service.get("/log/example/checkpoint").content
    keys = [VerifierKey.parse(line) for line in service.get("/log/example/keys").text.split()]
    swapped = new.replace(NEW.encode(), OLD.encode(), 1)

    assert (OLD, NEW) == (open_own_checkpoint(old, keys).origin, open_own_checkpoint(new, keys).origin)
    with pytest.raises(Exception, match="key"):
        open_own_checkpoint(swapped, keys)


def test_a_successor_has_its_own_address_for_what_never_changes(service: RunningService) -> None:
    """What was sent as immutable under the old log's name stays that log's; what is asked anew goes by every name."""
    answer = service.accept()
    service.settle()
    lasting = (
        "tile/0/000.p/3",
        "tile/entries/000.p/3",
        "proof/inclusion?index=1&size=3",
        "proof/consistency?first=1&second=3",
    )
    before = {path: service.get(f"/log/example/{path}") for path in lasting}
    assert {200} == {one.status_code for one in before.values()}
    assert {404} == {service.get(f"/log/example-2/{path}").status_code for path in lasting}
    take_over(service.home)
    service.node.refresh()
    service.settle()

    for path, was in before.items():
        closed, now = service.get(f"/log/example/{path}"), service.get(f"/log/example-2/{path}")
        assert (404, "no-store") == (closed.status_code, closed.headers["cache-control"])
        assert "The log of this address is closed" in closed.json()["detail"]
        assert "/log/example-2/" in closed.json()["detail"]
        # Nothing was lost here, so that the entries, and not the name, are the same.
        assert (200, was.headers["cache-control"]) == (now.status_code, now.headers["cache-control"])
        assert "immutable" in now.headers["cache-control"]
        assert was.content.replace(OLD.encode(), NEW.encode()) == now.content
    receipt = parse_receipt(claimed_payload(answer["receipt"]))
    assert receipt.leaf is not None
    named = f"proof/inclusion?record={receipt.record}&leaf={b64url(receipt.leaf)}"
    for path in ("keys", "jwks.json", "checkpoint", "proof/consistency?first=1", "proof/inclusion?index=1", named):
        old, new = service.get(f"/log/example/{path}"), service.get(f"/log/example-2/{path}")
        assert (200, old.content) == (old.status_code, new.content), path
        assert "immutable" not in old.headers["cache-control"]
    take_over(service.home, origin=f"{NEW[:-1]}3", kept=None)
    service.node.refresh()
    service.settle()
    names = {
        name: service.get(f"/log/{name}/tile/0/000.p/3").status_code for name in ("example", "example-2", "example-3")
    }
    assert {"example": 404, "example-2": 404, "example-3": 200} == names


def test_a_successor_that_names_less_than_was_signed_is_found_out(service: RunningService) -> None:
    """Where another node signed for more than the successor's first entry tells, its checkpoint still binds."""
    service.accept()
    service.settle()
    first = service.home.anchors.read(1)
    service.accept()
    service.settle()
    last = service.home.anchors.read(1)
    size = service.home.place.ledger.head(1).size
    change(service.home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == size))
    take_over(service.home, kept=first)

    assert [None, size] == [verified(service.home, one).unstored for one in (first, last)]


@pytest.mark.each_database
@pytest.mark.parametrize("signed", ["nowhere yet", "by another node"])
def test_a_successor_that_names_less_than_was_signed_is_not_signed(service: RunningService, signed: str) -> None:
    """Another database signed the old log meanwhile, or this node knows more: what is kept of it is not replaced."""
    home = service.home
    service.accept()
    service.settle()
    first = home.anchors.read(1)
    service.accept()
    service.settle()
    last = home.anchors.read(1)
    assert last is not None
    lost = home.place.ledger.head(1).size
    change(home, delete(t.checkpoint).where(t.checkpoint.c.log_id == 1, t.checkpoint.c.size == lost))
    take_over(home, kept=first)
    if signed == "by another node":
        home.anchors.write(1, str(first))
        service.node.refresh()
        service.settle()
        home.anchors.write(1, last)
    sizes = [one.size for one in home.place.ledger.checkpoints(1)]
    service.node.refresh()
    service.accept()
    service.settle()

    assert (last, sizes) == (home.anchors.read(1), [one.size for one in home.place.ledger.checkpoints(1)])
    said = entries(home, EntryKind.CHECKPOINT_REFUSED)[-1]
    assert f"it took over from {OLD} and names {str(first).splitlines()[1]} entries" in said["reason"]
    assert lost == said["last_size"]
    if signed == "nowhere yet":
        # Closed once more, it names all that was promised, and goes on.
        take_over(home, origin=f"{NEW[:-1]}3")
        assert last == entries(home, EntryKind.LOG_OPENED)[-1]["predecessor"]
    else:
        # It is given what the others keep.
        home.anchors.write(1, home.place.ledger.last_checkpoint(1).note)  # type: ignore[union-attr]
    service.node.refresh()
    service.settle()
    now = home.anchors.read(1)
    assert str(now).split("\n")[:2] == [home.organisation().origin, str(home.place.ledger.head(1).size)]


def test_a_successor_names_the_log_before_it_and_not_a_longer_one_before_that(
    service: RunningService, tmp_path: Path
) -> None:
    """Where a node keeps a checkpoint of the first log, the database knows what the second one promised."""
    home = service.home
    service.accept()
    service.settle()
    back_up(home, tmp_path / "backup")
    for _ in range(20):
        service.accept()
    service.settle()
    longest = home.anchors.read(1)
    older = opened_again(home, restored(home, tmp_path / "backup"))
    take_over(older)
    with run_service(older, asked=100) as second:
        second.settle()
    before = older.anchors.read(1)
    take_over(older, origin=f"{NEW[:-1]}3", kept=longest)

    assert int(str(before).split("\n")[1]) < int(str(longest).split("\n")[1])
    assert before == entries(older, EntryKind.LOG_OPENED)[-1]["predecessor"]
    older.close()


def _given_back(home: Home, how: str) -> str:
    """Give the log its first name again, by hand, with the key that is still in the folder, and return why it is not
    signed all the same.
    """
    checkpoint = t.key.c.use == CHECKPOINT
    change(
        home,
        update(t.organisation).where(t.organisation.c.log_id == 1).values(origin=OLD),
        update(t.key).where(t.key.c.log_id == 1, checkpoint).values(state="retired"),
        update(t.key).where(t.key.c.log_id == 1, checkpoint, t.key.c.verifier.like(f"{OLD}+%")).values(state="active"),
        update(t.catalogue_version).values(version=t.catalogue_version.c.version + 1),
    )
    newest = home.place.ledger.of_kind(1, EntryKind.LOG_OPENED)[-1].entry_id
    if how == "as if it was never closed":
        change(home, delete(t.deed).where(t.deed.c.log_id == 1, t.deed.c.entry_id == newest))
        return f"no entry says that it took over from {NEW}"
    if how == "with an entry that says so":
        opened = {"origin": OLD, "predecessor": home.anchors.read(1)}
        now = home.clock()
        home.place.catalogue.append(staff_entry(1, EntryKind.LOG_OPENED, opened, now=now, by=home.place.by))
        return "a log of that name was closed"
    if how == "with another word of the entry":
        change(home, update(t.entry).where(t.entry.c.entry_id == newest).values(what=b'{"origin":"%s"}' % OLD.encode()))
        return "an entry that opened a log was altered"
    return f"the log that was opened last is {NEW}"


HOW = (
    *("by its name and key", "as if it was never closed"),
    *("with an entry that says so", "with another word of the entry"),
)


@pytest.mark.each_database
@pytest.mark.parametrize("how", HOW)
def test_a_closed_log_that_somebody_opened_by_hand_is_not_signed(
    service: RunningService, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """The old key is at hand and fits the name; the entries say that the log goes on under another one."""
    home = service.home
    service.accept()
    service.settle()
    take_over(home)
    service.node.refresh()
    service.settle()
    signed = home.anchors.read(1)
    sizes = [one.size for one in home.place.ledger.checkpoints(1)]
    why = _given_back(home, how)
    service.node.refresh()
    service.accept()
    with caplog.at_level(logging.CRITICAL, "askfirst"):
        service.settle()

    assert (signed, sizes) == (home.anchors.read(1), [one.size for one in home.place.ledger.checkpoints(1)])
    assert f"no checkpoint for example: The log is named {OLD}, but {why}; see what was altered" in caplog.text


@pytest.mark.each_database
def test_a_clock_that_was_set_back_stops_no_successor(service: RunningService) -> None:
    """Which log was opened last is told by the places of the entries, and not by their times."""
    home = service.home
    service.accept()
    service.settle()
    home.clock.back(HOUR)
    take_over(home)
    service.node.refresh()
    service.settle()
    service.accept()
    service.settle()

    assert str(home.anchors.read(1)).startswith(f"{NEW}\n")
    assert [] == said(verified(home, home.anchors.read(1)))
