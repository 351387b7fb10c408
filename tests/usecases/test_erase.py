"""Erasure and retention: the content is gone for good, the proof of everything else stands."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from askfirst.core.errors import BadName, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.erase import erase_record, erase_subject, subject_of_receipt
from askfirst.usecases.holds import place_hold
from askfirst.usecases.retain import prune_seen, retain
from askfirst.usecases.retention_plan import plan_retention
from askfirst.usecases.rows import Hold
from askfirst.usecases.set_up import change_retention
from askfirst.usecases.subject_access import subject_access
from askfirst.usecases.tombstones import show_forgotten
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from support.altered_log import change, said, verified
from support.places import Home
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import whole_content
from support.time_and_ids import DAY

pytestmark = pytest.mark.each_database
NOTHING = {"measurement": False, "embeds": False}


def subject_of(answer: dict[str, object]) -> str:
    found = parse_receipt(claimed_payload(str(answer["receipt"]))).subject
    assert found is not None
    return found


def two_decisions(service: RunningService) -> tuple[str, list[str]]:
    """Record two decisions of one subject and one of another; return the first one's subject and records."""
    first = service.accept()
    service.home.clock.forward(1000)
    second = service.accept(receipt=first["receipt"])
    service.accept()
    return subject_of(first), [str(first["record"]), str(second["record"])]


def erase(home: Home, subject: str, **changes: object) -> tuple[str, ...]:
    given: dict[str, object] = {"reason": "The visitor asked.", "by": home.place.by, **changes}
    return erase_subject(home.place.forgetting, 1, subject, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("settled", [True, False], ids=["in the tree", "still waiting"])
def test_nothing_of_an_erased_person_is_left_and_the_log_holds(service: RunningService, settled: bool) -> None:
    """Subject, receipt, answers and salts are in no table; leaves stand, and two entries name them."""
    subject, records = two_decisions(service)
    if settled:
        service.settle()
    before = whole_content(service.home.place.engine)
    with service.home.place.engine.connect() as connection:
        ids = [UUID(one).bytes for one in records]
        secrets = connection.execute(
            select(t.entry.c.what_salt, t.entry.c.who_salt).where(t.entry.c.entry_id.in_(ids))
        ).all()
    erased = erase(service.home, subject)
    service.settle()
    after = whole_content(service.home.place.engine)
    result = verified(service.home, service.home.anchors.read(1))

    assert records == list(erased)
    assert subject in before
    assert subject not in after
    assert all(repr(salt) not in after for row in secrets for salt in row)
    assert ([], 2) == (said(result), result.erased)
    said_so = entries(service.home, EntryKind.RECORD_ERASED)
    assert [(one, "The visitor asked.") for one in records] == [(one["record"], one["reason"]) for one in said_so]
    assert 1 == service.home.place.ledger.counts(1)["record"]


def test_the_database_file_itself_forgets(service: RunningService) -> None:
    """On SQLite what was deleted is overwritten, in the file and in its write-ahead log."""
    if service.home.place.engine.dialect.name != "sqlite":
        return  # PostgreSQL overwrites when it vacuums; the docs say so
    subject, _ = two_decisions(service)
    service.settle()
    folder = service.home.settings.home / "data"
    assert any(subject.encode() in path.read_bytes() for path in folder.iterdir())
    erase(service.home, subject)

    assert not [path.name for path in folder.iterdir() if subject.encode() in path.read_bytes()]


@contextmanager
def a_reader(path: Path) -> Iterator[None]:
    """Read in a transaction that stays open, as a backup does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM record").fetchone()
        yield


@pytest.mark.parametrize("by", ["this process", "another one"])
def test_no_reader_holds_up_who_forgets_nor_anybody_else(service: RunningService, by: str) -> None:
    """On SQLite the write-ahead log is emptied later, also where nothing more is ever forgotten."""
    if service.home.place.engine.dialect.name != "sqlite":
        return
    subject, _ = two_decisions(service)
    folder = service.home.settings.home / "data"
    log = folder / "askfirst.sqlite-wal"
    forgetting = service.node.live.forgetting if by == "this process" else service.home.place.forgetting
    with a_reader(folder / "askfirst.sqlite"):
        began = time.monotonic()
        erase_subject(forgetting, 1, subject, reason="The visitor asked.", by=service.home.place.by)
        service.accept()
        took = time.monotonic() - began
        assert subject.encode() in log.read_bytes()
    if by == "this process":
        service.node.overwrite()
    else:
        service.node.retain()

    assert took < 10  # a statement of this database waits for 15 s
    assert not [path.name for path in folder.iterdir() if subject.encode() in path.read_bytes()]
    assert 0 == log.stat().st_size


def test_what_forgets_nothing_leaves_the_write_ahead_log_alone(service: RunningService) -> None:
    """To empty it takes the disk's time from all who answer."""
    if service.home.place.engine.dialect.name != "sqlite":
        return
    subject, _ = two_decisions(service)
    place, log = service.home.place, service.home.settings.home / "data" / "askfirst.sqlite-wal"
    prune_seen(place.forgetting, 1, service.home.clock())
    retain(place.forgetting, 1, "demo0001", days=10, by=place.by)
    place_hold(place.forgetting, 1, subject=subject, reason="A lawsuit.", by=place.by)

    assert log.stat().st_size > 0


def test_an_erased_decision_does_not_come_back(service: RunningService) -> None:
    """The same decision id again is 410, whatever the body says, and nothing is stored."""
    decision = service.decision()
    answer = service.post(decision).json()
    erase(service.home, subject_of(answer))
    rows = service.rows()
    again = service.post(decision)
    other = service.post({**decision, "purposes": NOTHING, "method": "reject_all"})

    assert [410, 410] == [again.status_code, other.status_code]
    assert "/problems/decision-erased" == again.json()["type"]
    assert rows == service.rows()


def test_who_comes_back_with_the_old_receipt_is_recorded_anew(service: RunningService) -> None:
    """A new answer is a new record under the same pseudonym; of the old ones nothing returns."""
    first = service.accept()
    erase(service.home, subject_of(first))
    again = service.accept(receipt=first["receipt"])

    assert subject_of(first) == subject_of(again)
    place = service.home.place
    held = subject_access(
        place.directory(),
        place.ledger,
        place.records,
        place.forgetting,
        1,
        subject_of(first),
        now=place.by.clock(),
    )
    assert [again["record"]] == [one["record"] for one in held["records"]]  # type: ignore[attr-defined]


def test_a_refusal_is_erased_by_its_record(service: RunningService) -> None:
    """It has no subject; staff who see the record can forget it, once."""
    service.refuse()
    with service.home.place.engine.connect() as connection:
        record = str(UUID(bytes=connection.execute(select(t.record.c.record_id)).scalar_one()))
    given = {"reason": "x", "by": service.home.place.by}
    assert (record,) == erase_record(service.home.place.forgetting, 1, record, **given)  # type: ignore[arg-type]
    for unknown in (record, str(UUID(int=7)), "no id"):
        with pytest.raises(NotFound, match="Nothing that you may erase is kept"):
            erase_record(service.home.place.forgetting, 1, unknown, **given)  # type: ignore[arg-type]


def test_another_organisation_or_site_can_not_erase(service: RunningService) -> None:
    """The answer is the one for an id that never was, and the record stays."""
    answer = service.accept()
    place = service.home.place
    before = service.rows()
    with pytest.raises(NotFound):
        erase_subject(place.forgetting, 2, subject_of(answer), reason="x", by=place.by)
    with pytest.raises(NotFound):
        erase(service.home, subject_of(answer), sites=("shop0001",))
    with pytest.raises(BadName):
        erase(service.home, subject_of(answer), reason=" ")

    assert before == service.rows()


def test_two_erasures_at_once_leave_one_entry_each(service: RunningService) -> None:
    """Whoever comes second finds nothing left; no decision is said to be forgotten twice."""
    subject, records = two_decisions(service)
    start = threading.Barrier(3)

    def one() -> tuple[str, ...]:
        start.wait()
        try:
            return erase(service.home, subject)
        except NotFound:
            return ()

    with ThreadPoolExecutor(3) as threads:
        done = [task.result(30) for task in [threads.submit(one) for _ in range(3)]]
    service.settle()

    assert [(), (), tuple(records)] == sorted(done)
    assert [] == said(verified(service.home))


def test_whose_receipt_it_is(service: RunningService) -> None:
    """A receipt names its subject; a refusal's, another organisation's and a forged one name nobody."""
    answer, refusal, foreign = service.accept(), service.refuse(), service.accept("other0001")
    directory = service.home.place.directory()

    assert subject_of(answer) == subject_of_receipt(directory, 1, str(answer["receipt"]))
    with pytest.raises(NotFound, match="A full refusal leaves no identifier"):
        subject_of_receipt(directory, 1, str(refusal["receipt"]))
    for token in (str(foreign["receipt"]), str(answer["receipt"])[:-8] + "A" * 8, "x", ""):
        with pytest.raises(NotFound, match="no receipt that this organisation issued"):
            subject_of_receipt(directory, 1, token)


def test_what_is_left_is_shown_with_its_proof(service: RunningService) -> None:
    """When, why, by whom; and that both entries stand in the tree."""
    subject, records = two_decisions(service)
    service.settle()
    erase(service.home, subject)
    service.settle()
    place = service.home.place
    shown = show_forgotten(place.directory(), place.ledger, place.forgetting, 1, records[0])

    assert shown is not None
    assert (True, True, "The visitor asked.", "operator:test") == (shown.genuine, shown.erased, shown.why, shown.by)
    assert ["content", "erasure", "record's place", "erasure's place"] == [one.name for one in shown.checks]
    assert show_forgotten(place.directory(), place.ledger, place.forgetting, 1, records[0], ("shop0001",)) is None
    assert show_forgotten(place.directory(), place.ledger, place.forgetting, 2, records[0]) is None
    assert show_forgotten(place.directory(), place.ledger, place.forgetting, 1, "no id") is None


def test_content_that_came_back_after_an_erasure_is_a_fault(service: RunningService) -> None:
    """A restored row of an older backup, or an erasure that was only said, is named."""
    answer = service.accept()
    raw = UUID(str(answer["record"])).bytes
    with service.home.place.engine.connect() as connection:
        opening = dict(connection.execute(select(t.entry).where(t.entry.c.entry_id == raw)).mappings().one())
        row = dict(connection.execute(select(t.record).where(t.record.c.record_id == raw)).mappings().one())
    erase(service.home, subject_of(answer))
    service.settle()
    position = service.home.place.ledger.entry(1, raw).position  # type: ignore[union-attr]
    change(service.home, insert(t.record).values(row))
    assert [f"Entry {position}: it was forgotten, but the search table still holds some of it"] == said(
        verified(service.home)
    )
    parts = {name: opening[name] for name in ("what", "what_salt", "who", "who_salt")}
    change(service.home, update(t.entry).where(t.entry.c.entry_id == raw).values(**parts))
    lines = said(verified(service.home))
    assert ["it says that an entry was forgotten whose content is still here, or never was"] == [
        line.partition(": ")[2] for line in lines
    ]


def test_an_erasure_that_is_taken_back_is_a_fault(service: RunningService) -> None:
    """Without the entry that says so a missing opening is quiet deletion; the tombstone alone excuses nothing."""
    answer = service.accept()
    service.settle()
    raw = UUID(str(answer["record"])).bytes
    empty = dict.fromkeys(("what", "what_salt", "who", "who_salt"))
    change(
        service.home,
        update(t.entry).where(t.entry.c.entry_id == raw).values(**empty),
        delete(t.record).where(t.record.c.record_id == raw),
    )

    assert ["its content was deleted, and no entry says that it was forgotten"] == [
        line.partition(": ")[2] for line in said(verified(service.home))
    ]


def test_what_is_older_than_it_is_kept_is_forgotten_in_steps(service: RunningService) -> None:
    """Only that site's, only the old ones; each has its entry and the run has one."""
    for _ in range(3):
        service.accept()
    service.accept("other0001")
    service.home.clock.forward(10 * DAY)
    young = service.accept(at=service.home.clock())
    place = service.home.place
    forgotten = retain(place.forgetting, 1, "demo0001", days=10, by=place.by)
    service.home.clock.forward(1)
    more = retain(place.forgetting, 1, "demo0001", days=10, by=place.by)
    again = retain(place.forgetting, 1, "demo0001", days=10, by=place.by)
    service.settle()

    assert (0, 3, 0) == (forgotten, more, again)
    assert [3] == [one["forgotten"] for one in entries(service.home, EntryKind.RETENTION_RUN)]
    assert 3 == len(entries(service.home, EntryKind.RECORD_RETAINED))
    assert young["record"] in whole_record_ids(service)
    assert ([], 3) == (said(verified(service.home)), verified(service.home).erased)
    for days in (0, 36_501):
        with pytest.raises(BadName, match="1 to 36,500"):
            retain(place.forgetting, 1, "demo0001", days=days, by=place.by)


def test_retention_waits_for_a_hold_that_is_being_placed(service: RunningService) -> None:
    """Whoever was told that something is held finds it there; on SQLite one waits for the other anyway."""
    place, clock = service.home.place, service.home.clock
    service.accept()
    clock.forward(11 * DAY)
    hold = Hold(1, bytes(16), None, "demo0001", bytes(16), b"\xff" * 16, "A lawsuit.", None, clock(), None)
    with ThreadPoolExecutor(1) as threads:
        with place.forgetting.transaction() as placing:
            placing.put_hold(hold)
            retaining = threads.submit(retain, place.forgetting, 1, "demo0001", days=10, by=place.by)
            while place.engine.dialect.name == "postgresql" and not (waiting(place.engine) or retaining.done()):
                pass
        forgotten = retaining.result(30)

    assert (0, 1) == (forgotten, service.rows()["record"])


def waiting(engine: Engine) -> bool:
    """Say whether anybody waits for a lock of this PostgreSQL database."""
    with engine.connect() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.exec_driver_sql(asked).scalar())


def whole_record_ids(service: RunningService) -> set[str]:
    with service.home.place.engine.connect() as connection:
        return {str(UUID(bytes=one)) for one in connection.execute(select(t.record.c.record_id)).scalars()}


def test_decision_ids_are_kept_for_thirty_days(service: RunningService) -> None:
    """Before that a replay is told; afterwards the id, and its keyed hash, are gone."""
    decision = service.decision()
    service.post(decision)
    forgetting, clock = service.home.place.forgetting, service.home.clock
    clock.forward(30 * DAY)
    assert 0 == prune_seen(forgetting, 1, clock())
    assert 200 == service.post(decision).status_code
    clock.forward(1)
    assert 1 == prune_seen(forgetting, 1, clock())
    assert 0 == service.rows()["decision_seen"]


def test_a_node_forgets_by_itself(service: RunningService) -> None:
    """With days set it follows them on every site; without, it keeps what there is."""
    service.accept()
    service.accept("other0001")
    service.home.clock.forward(40 * DAY)
    service.node.retain()
    kept = service.rows()["record"]
    service.node.settings = service.node.settings.model_copy(update={"retention_days": 30})
    service.node.retain()

    assert (2, 0, 0) == (kept, service.rows()["record"], service.rows()["decision_seen"])


def test_one_sites_trouble_keeps_nothing_on_another(service: RunningService, caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong is said, and the next site is done; here a record whose tombstone stands already."""
    record = UUID(str(service.accept()["record"])).bytes
    service.accept("other0001")
    stone = {"log_id": 1, "record_id": record, "entry_id": bytes(16), "site_key": "demo0001", "forgotten_at": 0}
    change(service.home, insert(t.tombstone).values(kind=EntryKind.RECORD_RETAINED, **stone))
    service.home.clock.forward(40 * DAY)
    service.node.settings = service.node.settings.model_copy(update={"retention_days": 30})
    with caplog.at_level(logging.CRITICAL, "askfirst"):
        service.node.retain()

    assert ["demo0001"] == [str(one.args[0]) for one in caplog.records if one.levelno == logging.CRITICAL and one.args]
    assert [record] == [UUID(one).bytes for one in whole_record_ids(service)]


def test_what_is_kept_longer_than_time_goes_back_is_kept(service: RunningService) -> None:
    """A hundred years before now is before ids begin: nothing is that old, and other sites' decisions go."""
    place = service.home.place
    change_retention(place.catalogue, place.directory().sites["demo0001"].site, 36_500, by=place.by)
    service.accept()
    service.accept("shop0001")
    service.home.clock.forward(40 * DAY)
    service.settle()
    service.node.settings = service.node.settings.model_copy(update={"retention_days": 30})
    service.node.retain()
    given = {"everywhere": 30, "now": service.home.clock()}
    planned = list(plan_retention(place.directory(), place.forgetting, place.records, 1, ("demo0001",), **given))

    assert 1 == service.rows()["record"]
    assert [(36_500, 0, 0)] == [(one.days, one.before, one.due) for one in planned]


def test_subject_access_has_everything_and_is_readable(service: RunningService) -> None:
    """Every decision with its content, receipt and checks; another organisation gets what nobody's id gets."""
    subject, records = two_decisions(service)
    service.settle()
    place = service.home.place
    held = subject_access(
        place.directory(), place.ledger, place.records, place.forgetting, 1, subject, now=place.by.clock()
    )

    assert records[::-1] == [one["record"] for one in held["records"]]  # type: ignore[attr-defined]
    assert all(one["genuine"] and one["receipt"] for one in held["records"])  # type: ignore[attr-defined]
    assert json.loads(json.dumps(held)) == held
    for log_id, sites in ((2, None), (1, ("shop0001",))):
        with pytest.raises(NotFound, match="Nothing that you may see is kept"):
            subject_access(
                place.directory(),
                place.ledger,
                place.records,
                place.forgetting,
                log_id,
                subject,
                sites,
                now=place.by.clock(),
            )
