"""Daily exports: each day once, whole or not at all, none left out, and nobody else is held up."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from askfirst.core.errors import ConfigurationFault, ExportFailed
from askfirst.daily_exports import Stopped, in_spare_time
from askfirst.export_place import open_export_place
from askfirst.storage.daily_exports import SqlDailyExports
from askfirst.storage.export_bucket import ExportBucket
from askfirst.storage.export_folder import ExportFolder
from askfirst.usecases.daily_export import Daily, ExportPlace, Ran, days_behind, export_day, export_due_days, late_day
from askfirst.usecases.ports import Acting
from askfirst.usecases.verify_ledger import verify_ledger
from support.buckets import Buckets, odd_bucket
from support.places import Home, settings_of
from support.running_service import RunningService
from support.staff import entries
from support.time_and_ids import DAY, HOUR, MINUTE

# The clock of the tests begins at noon of this day.
FIRST = date(2026, 6, 15)
UTC = ZoneInfo("UTC")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for exports."""
    made = tmp_path / "exports"
    made.mkdir()
    return made


def daily(home: Home, place: ExportPlace, zone: ZoneInfo = UTC, **changes: Any) -> Daily:
    work = home.place
    made = Daily(
        SqlDailyExports(work.engine),
        place,
        work.exports,
        work.ledger,
        work.catalogue,
        zone,
        "ndjson",
        Acting(None, work.by.clock, work.by.random),
    )
    return replace(made, **changes)


def run(home: Home, made: Daily, *, at_once: bool = False) -> Ran:
    return export_due_days(made, home.place.directory(), home.organisation(), at_once=at_once)


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def day_files(*days: str) -> list[str]:
    return [f"example/{day}.ndjson{end}" for day in days for end in ("", ".manifest.json")]


@pytest.mark.each_database
def test_a_day_is_written_once_when_it_is_over(service: RunningService, folder: Path) -> None:
    """Its records and no others, with a manifest that says so, and an entry; the ledger holds."""
    home, made = service.home, daily(service.home, ExportFolder(folder))
    own = service.accept()["record"]
    assert Ran((date(2026, 6, 14),)) == run(home, made)  # the first run of all writes the last day that is over
    home.clock.forward(12 * HOUR)
    later = service.accept()["record"]
    home.clock.forward(10 * MINUTE - 1)
    service.settle()

    assert Ran(()) == run(home, made)
    home.clock.forward(1)
    assert Ran((FIRST,)) == run(home, made)
    assert Ran(()) == run(home, made)
    assert day_files("2026-06-14", "2026-06-15") == files(folder)
    content = (folder / "example/2026-06-15.ndjson").read_bytes()
    assert [own] == [json.loads(line)["record"] for line in content.splitlines()]
    assert later not in content.decode()
    manifest = json.loads((folder / "example/2026-06-15.ndjson.manifest.json").read_text())
    noted = entries(home, "records:exported")[-1]
    assert (1, f"sha256:{hashlib.sha256(content).hexdigest()}") == (manifest["rows"], manifest["digest"])
    assert (manifest["digest"], "daily", None) == (f"sha256:{noted['digest']}", noted["via"], noted["by"])
    assert {"day": "2026-06-15", "zone": "UTC"} == noted["filters"]
    assert manifest["checkpoint"].startswith(f"{manifest['log']}\n")
    assert 0 == (folder / "example/2026-06-15.ndjson").stat().st_mode & 0o007
    service.settle()
    assert verify_ledger(home.place.directory, home.place.ledger, 1).holds


def test_days_are_those_of_the_organisations_zone(service: RunningService, folder: Path) -> None:
    """In Auckland it is tomorrow at noon in UTC; the day that clocks went forward has 23 hours."""
    home = service.home
    made = daily(home, ExportFolder(folder), ZoneInfo("Pacific/Auckland"))

    assert (date(2026, 6, 14),) == run(home, made).days  # ten minutes later it is
    home.clock.forward(10 * MINUTE)
    assert Ran((FIRST,)) == run(home, made)
    berlin = daily(home, ExportFolder(folder), ZoneInfo("Europe/Berlin"))
    export_day(berlin, home.place.directory(), home.organisation(), date(2026, 3, 29))
    manifest = json.loads((folder / "example/2026-03-29.ndjson.manifest.json").read_text())
    assert 23 * HOUR == manifest["to"] - manifest["from"]


@pytest.mark.each_database
def test_missed_days_are_caught_up_oldest_first(service: RunningService, folder: Path) -> None:
    """The service was down for three days; every day is there afterwards, with its own records."""
    home, made = service.home, daily(service.home, ExportFolder(folder))
    run(home, made)
    records = {}
    for day in ("2026-06-15", "2026-06-16", "2026-06-17"):
        records[day] = service.accept()["record"]
        home.clock.forward(DAY)
    state = made.room.state(1)
    assert 3 == days_behind(state, UTC, home.clock())

    assert Ran((FIRST, date(2026, 6, 16), date(2026, 6, 17))) == run(home, made)
    for day, record in records.items():
        assert record in (folder / f"example/{day}.ndjson").read_text()


class Broken:
    """A place that fails so many times, at reading or at writing."""

    def __init__(self, place: ExportPlace, times: int) -> None:
        self.place, self.times = place, times

    def read(self, name: str) -> bytes | None:
        return self.place.read(name)

    def write(self, name: str, parts: Any) -> None:
        if self.times:
            self.times -= 1
            raise ExportFailed("the bucket records answered 503 Service Unavailable")
        self.place.write(name, parts)


@pytest.mark.each_database
def test_a_failure_is_tried_again_after_longer_and_longer_pauses(service: RunningService, folder: Path) -> None:
    """Nothing is left out, and it can be had at once by hand."""
    home = service.home
    made = daily(home, Broken(ExportFolder(folder), 4))
    pauses = []
    for _ in range(3):
        assert Ran((), "the bucket records answered 503 Service Unavailable") == run(home, made)
        assert Ran(()) == run(home, made)  # too early
        state = made.room.state(1)
        assert state is not None
        pauses.append(state.next_at - home.clock())
        home.clock.forward(pauses[-1])

    assert [MINUTE, 2 * MINUTE, 4 * MINUTE] == pauses
    assert None is not run(home, made).failed
    assert Ran((date(2026, 6, 14),)) == run(home, made, at_once=True)
    state = made.room.state(1)
    assert state is not None
    assert (0, "", 0) == (state.failures, state.said, state.leased_until)


@pytest.mark.each_database
@pytest.mark.parametrize("lost", ["entry", "manifest", "state"])
def test_wherever_a_node_is_stopped_the_next_one_ends_it(service: RunningService, folder: Path, lost: str) -> None:
    """Before the entry, before the manifest, before the state: afterwards all is there, once each in the folder."""
    home = service.home

    class Killed(Exception):
        pass

    class Catalogue:
        def append(self, _entry: Any) -> None:
            raise Killed

    class NoManifest(Broken):
        def write(self, name: str, parts: Any) -> None:
            if name.endswith(".manifest.json"):
                raise Killed
            self.place.write(name, parts)

    class Room(SqlDailyExports):
        def put(self, _state: Any) -> None:
            raise Killed

    place = ExportFolder(folder)
    broken = {
        "entry": daily(home, place, catalogue=Catalogue()),
        "manifest": daily(home, NoManifest(place, 0)),
        "state": daily(home, place),
    }[lost]
    broken = replace(broken, room=Room(home.place.engine))  # who is killed gives nothing back
    service.accept()
    home.clock.forward(13 * HOUR)
    with pytest.raises(Killed):
        run(home, broken)
    home.clock.forward(11 * MINUTE)  # the lease of who was stopped is over

    ran = run(home, daily(home, place))
    assert (() if lost == "state" else (FIRST,), None) == (ran.days, ran.failed)
    assert day_files("2026-06-15") == files(folder)
    assert 1 == len((folder / "example/2026-06-15.ndjson").read_bytes().splitlines())
    service.settle()
    assert verify_ledger(home.place.directory, home.place.ledger, 1).holds


@pytest.mark.each_database
def test_of_several_nodes_one_writes(service: RunningService, folder: Path) -> None:
    """While one has the day another finds nothing to do, and keeps it as long as it takes."""
    home, place = service.home, ExportFolder(folder)
    second = daily(home, place)
    for _ in range(3):
        service.accept()
        home.clock.forward(1)
    home.clock.forward(13 * HOUR)
    seen: list[Ran] = []

    def slowly(_going: Any, parts: Iterator[bytes]) -> Iterator[bytes]:
        for part in parts:
            for _ in range(6):
                home.clock.forward(4 * MINUTE)
                seen.append(run(home, second))
                yield part[:0]
            yield part

    assert (FIRST,) == run(home, daily(home, place, pace=slowly)).days
    assert seen
    assert {Ran(())} == set(seen)
    assert 3 == len((folder / "example/2026-06-15.ndjson").read_bytes().splitlines())


def test_a_node_that_closes_stops_in_the_middle_and_another_goes_on(service: RunningService, folder: Path) -> None:
    """Nothing of the day is seen, and its lease is given back; between parts it rests."""
    home, closing, waits = service.home, Event(), []
    closing.wait = lambda seconds: waits.append(seconds) or len(waits) > 1  # type: ignore[method-assign, func-returns-value, assignment]
    service.accept()
    home.clock.forward(13 * HOUR)

    def in_parts(going: Any, parts: Iterator[bytes]) -> Iterator[bytes]:
        return in_spare_time(closing)(going, (bytes([one]) for part in parts for one in part))

    with pytest.raises(Stopped, match="goes on when the service is up again"):
        run(home, daily(home, ExportFolder(folder), pace=in_parts))

    assert ([], 2) == (files(folder), len(waits))
    assert (FIRST,) == run(home, daily(home, ExportFolder(folder))).days


def test_a_place_that_has_the_day_of_another_ledger_is_left_alone(service: RunningService, folder: Path) -> None:
    """Two services that were given one folder, or a ledger that was opened anew: nothing is overwritten."""
    home = service.home
    (folder / "example").mkdir()
    for text in ('{"log": "another.example.net/log/example"}', "no JSON", "[]"):
        beside = folder / "example/2026-06-14.ndjson.manifest.json"
        beside.write_text(text)
        ran = run(home, daily(home, ExportFolder(folder)), at_once=True)

        assert ((), True) == (ran.days, "belongs to another ledger" in str(ran.failed))
        assert [str(beside.relative_to(folder))] == files(folder)


@pytest.mark.parametrize("broken", ["gone", "a file", "full", "no organisation's folder"])
def test_a_folder_that_takes_nothing_is_a_sentence(home: Home, folder: Path, broken: str) -> None:
    """What is no folder is not made into one: it may be a mount that is missing. Nothing else is harmed."""
    match broken:
        case "gone":
            folder.rmdir()
        case "a file":
            folder.rmdir()
            folder.write_text("x")
        case "full":
            if not Path("/dev/full").exists():
                pytest.skip("this system has no device that is always full")
        case _:
            (folder / "example").write_text("x")

    def full(_going: Any, parts: Iterator[bytes]) -> Iterator[bytes]:
        if broken == "full":
            with Path("/dev/full").open("wb", buffering=0) as nowhere:
                nowhere.write(b"x")
        return parts

    ran = run(home, daily(home, ExportFolder(folder), pace=full))
    assert () == ran.days
    assert {
        "gone": f"the folder {folder} is not there",
        "a file": f"{folder}/example/2026-06-14.ndjson.manifest.json: Not a directory",
        "full": f"{folder}/example/2026-06-14.ndjson: No space left on device",
        "no organisation's folder": f"{folder}/example/2026-06-14.ndjson.manifest.json: Not a directory",
    }[broken] == ran.failed
    assert [] == [name for name in (files(folder) if folder.is_dir() else []) if "2026" in name]


def _kill_while_writing(making: str, *given: str) -> None:
    """Run a process that writes a part of a file and waits, and kill it as no process can notice."""
    script = f"""
        import sys, threading
        from askfirst.storage.export_folder import ExportFolder
        from askfirst.storage.bucket import BucketAccess
        from askfirst.storage.export_bucket import ExportBucket
        def parts():
            for _ in range(3):
                yield b"x" * 6_000_000
            print("halfway", flush=True)
            threading.Event().wait(60)
        {making}.write("example/2026-06-15.ndjson", parts())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "halfway\n" == process.stdout.readline()
        process.send_signal(signal.SIGKILL)


def test_a_node_that_is_killed_while_it_writes_leaves_no_half_day_in_a_folder(folder: Path) -> None:
    """And what it left behind is cleared by who writes the day."""
    _kill_while_writing("ExportFolder(__import__('pathlib').Path(sys.argv[1]))", str(folder))
    left = files(folder)

    assert ["example/.2026-06-15.ndjson."] == [name[: len("example/.2026-06-15.ndjson.")] for name in left]
    ExportFolder(folder).write("example/2026-06-15.ndjson", [b"whole\n"])
    assert ["example/2026-06-15.ndjson"] == files(folder)


def test_a_node_that_is_killed_while_it_writes_leaves_no_half_day_in_a_bucket(buckets: Buckets) -> None:
    """An upload that was never completed is no object."""
    access = buckets.access(prefix="killed")
    making = "ExportBucket(BucketAccess(*sys.argv[1:]))"
    given = (access.bucket, access.prefix, access.endpoint, access.region, access.key_id, access.secret)
    _kill_while_writing(making, *given)

    assert [] == [name for name in buckets.names() if name.startswith("killed/")]
    ExportBucket(access).write("example/2026-06-15.ndjson", [b"whole\n"])
    assert b"whole\n" == buckets.content("killed/example/2026-06-15.ndjson")


def test_a_bucket_gets_the_same_as_a_folder(service: RunningService, buckets: Buckets, folder: Path) -> None:
    """Byte for byte, and once."""
    home, bucket = service.home, ExportBucket(buckets.access(prefix="same"))
    service.accept()
    service.refuse()
    home.clock.forward(13 * HOUR)
    made = daily(home, bucket)
    assert (FIRST,) == run(home, made).days
    export_day(daily(home, ExportFolder(folder)), home.place.directory(), home.organisation(), FIRST)

    name = "example/2026-06-15.ndjson"
    assert [f"same/{one}" for one in day_files("2026-06-15")] == sorted(
        one for one in buckets.names() if one.startswith("same/")
    )
    assert (folder / name).read_bytes() == buckets.content(f"same/{name}")
    assert not export_day(made, home.place.directory(), home.organisation(), FIRST)


def test_a_day_that_does_not_fit_into_one_part_is_whole(buckets: Buckets) -> None:
    """In parts of eight megabytes, also where the last one is short; what raises leaves nothing."""
    bucket = ExportBucket(buckets.access(prefix="long"))
    parts = [bytes([number]) * 3_000_001 for number in range(9)]
    bucket.write("day", iter(parts))
    bucket.write("empty", iter([]))

    assert (b"".join(parts), b"") == (buckets.content("long/day"), buckets.content("long/empty"))

    def breaking() -> Iterator[bytes]:
        yield from parts
        raise KeyError("the database went away")

    with pytest.raises(KeyError):
        bucket.write("broken", breaking())
    assert "long/broken" not in buckets.names()


def test_a_bucket_that_takes_nothing_is_a_sentence_without_its_secret(buckets: Buckets) -> None:
    """Gone, not there, refusing, slow, or leading elsewhere; nothing is sent to where it leads."""
    with odd_bucket() as (url, asked):

        def said(seconds: float = 5.0, **changes: str) -> str:
            with pytest.raises(ExportFailed) as failed:
                ExportBucket(buckets.access(**changes), seconds=seconds).write("day", [b"x"])
            return failed.value.reason

        unreachable = "can not be reached, or did not answer within"
        told = {
            "the bucket nothere answered 404 Not Found (NoSuchBucket)": said(bucket="nothere"),
            "the bucket refused answered 403 Forbidden (SignatureDoesNotMatch)": said(bucket="refused", endpoint=url),
            "the bucket leads answered 307 Temporary Redirect; redirects are not followed": said(
                bucket="leads", endpoint=url
            ),
            f"the bucket slow {unreachable} 1 seconds": said(1.0, bucket="slow", endpoint=url),
        }
        with pytest.raises(ExportFailed, match="NoSuchBucket"):
            ExportBucket(buckets.access(bucket="nothere")).read("day")
        assert {"PUT"} == set(asked)
    told[f"the bucket records {unreachable} 5 seconds"] = said(endpoint=url)

    assert list(told) == list(told.values())
    assert "a-secret" not in repr(buckets.access())


def test_what_is_late_for_hours_is_told(home: Home, folder: Path) -> None:
    """Three hours after the end of its day, and not where nothing failed."""
    made = daily(home, Broken(ExportFolder(folder), 99))
    run(home, made)
    home.clock.forward(2 * DAY)
    run(home, made, at_once=True)
    state = made.room.state(1)

    assert date(2026, 6, 14) == late_day(state, UTC, home.clock())
    assert None is late_day(None, UTC, home.clock())
    assert None is late_day(replace(state, failures=0) if state else None, UTC, home.clock())


def test_an_alert_and_metrics_tell_of_a_late_export(home: Home, folder: Path) -> None:
    """In the words of what went wrong, until it is written."""
    from support.running_service import run_service

    gone = folder / "gone"
    place = replace(
        home.place, settings=settings_of(home.settings.home, daily_export=str(gone), metrics_networks="203.0.113.0/24")
    )
    with run_service(replace(home, place=place)) as service:
        service.node.export()
        home.clock.forward(DAY)
        service.node.export()
        service.node.watch()
        alerts = service.node.live.alerts.open_alerts(1)
        shown = service.request("GET", "/metrics").text

        facts = {"day": "2026-06-14", "reason": f"the folder {gone} is not there"}
        assert [("export_late", facts)] == [(one.rule, one.facts) for one in alerts if one.rule == "export_late"]
        assert 'askfirst_daily_export_failures{log="example"} 2.0' in shown
        assert 'askfirst_daily_export_days_behind{log="example"} 2.0' in shown
        gone.mkdir()
        home.clock.forward(HOUR)
        service.node.export()
        service.node.watch()
        home.clock.forward(6 * MINUTE)
        service.node.watch()
        assert [] == [one for one in service.node.live.alerts.open_alerts(1) if one.rule == "export_late"]
        assert day_files("2026-06-14", "2026-06-15") == [one for one in files(gone) if one.startswith("example/")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"daily_export": "exports"}, "must be a folder by its whole path, or a bucket like s3://bucket/prefix"),
        ({"daily_export": "s3://"}, "must be a folder by its whole path"),
        ({"daily_export": "s3://Bad_Bucket"}, "must be a folder by its whole path"),
        ({"daily_export": "s3://bucket/../x/$y"}, "must be a folder by its whole path"),
        ({"daily_export_format": "xml"}, "ndjson"),
        ({"s3_endpoint": "https://user:secret@s3.example.org"}, "without a path"),
        ({"s3_key_id": "AKIA"}, "need both of ASKFIRST_S3_KEY_ID and ASKFIRST_S3_SECRET_FILE"),
        ({"s3_secret_file": "/x"}, "need both of ASKFIRST_S3_KEY_ID and ASKFIRST_S3_SECRET_FILE"),
    ],
)
def test_settings_that_can_not_be_meant_are_refused(
    tmp_path: Path, changes: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is wrong, and without what is secret."""
    from askfirst.settings import read_settings

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationFault, match=said) as refused:
        read_settings(home=tmp_path, **changes)

    assert "user:secret" not in str(refused.value)


def test_the_secret_of_a_bucket_comes_from_a_file(tmp_path: Path, buckets: Buckets) -> None:
    """One that can not be read is named; the key opens the bucket."""
    secret = tmp_path / "secret"
    given = {
        "daily_export": "s3://records/mine",
        "s3_endpoint": buckets.url,
        "s3_key_id": "A",
        "s3_secret_file": secret,
    }
    with pytest.raises(ConfigurationFault, match="ASKFIRST_S3_SECRET_FILE"):
        open_export_place(settings_of(tmp_path, **given))
    secret.write_text("shh\n")
    opened = open_export_place(settings_of(tmp_path, **given))
    assert opened is not None
    opened.write("x", [b"y"])

    assert b"y" == buckets.content("mine/x")
    assert None is open_export_place(settings_of(tmp_path))


def _without(name: str) -> Callable[..., Any]:
    def find(wanted: str, *given: Any, **named: Any) -> Any:
        if wanted.partition(".")[0] == name:
            raise ModuleNotFoundError(name)
        return _import(wanted, *given, **named)

    _import = __import__
    return find


def test_without_the_library_a_bucket_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the service starts, and not in the night."""
    monkeypatch.setattr("builtins.__import__", _without("obstore"))
    with pytest.raises(ConfigurationFault, match=r"pip install 'askfirst\[s3\]'"):
        open_export_place(settings_of(tmp_path, daily_export="s3://records"))


def test_without_the_library_a_day_as_parquet_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the service starts too."""
    given = {"daily_export": str(tmp_path), "daily_export_format": "parquet"}
    assert open_export_place(settings_of(tmp_path, **given)) is not None
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationFault, match=r"pip install 'askfirst\[parquet\]'"):
        open_export_place(settings_of(tmp_path, **given))


def test_a_folder_of_exports_is_not_made_by_accident(tmp_path: Path) -> None:
    """Also not for reading."""
    place = ExportFolder(tmp_path / "unmounted")
    with pytest.raises(ExportFailed, match="is not there"):
        place.read("example/x")

    assert not (tmp_path / "unmounted").exists()
    shutil.rmtree(tmp_path)
