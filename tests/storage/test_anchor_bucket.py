"""The last checkpoint in a bucket that several publishers share: nobody overwrites what they have not read."""

import shutil
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from askfirst.anchor_place import open_anchors
from askfirst.core.errors import AnchorAway, AnchorMoved, CheckpointRefused, ConfigurationFault
from askfirst.databases import read_databases
from askfirst.settings import read_settings
from askfirst.storage.anchor_bucket import AnchorBucket
from support.buckets import SECRET, Buckets, odd_bucket
from support.command_line import CommandLine
from support.listening import listening
from support.places import Home, open_home, settings_of
from support.running_service import run_service
from support.signing import add_entries, sign
from support.time_and_ids import CountedRandomness


class Seconds:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """Give a clock."""
    return Seconds()


@pytest.fixture
def two(buckets: Buckets, request: pytest.FixtureRequest, seconds: Seconds) -> tuple[AnchorBucket, AnchorBucket]:
    """Give the same place as two publishers have it."""
    access = buckets.access(prefix=f"anchors/{abs(hash(request.node.nodeid))}")
    return AnchorBucket(access, clock=seconds), AnchorBucket(access, clock=seconds)


def test_a_note_is_kept_as_it_is(buckets: Buckets, seconds: Seconds) -> None:
    """One object a log, and none before the first."""
    anchors = AnchorBucket(buckets.access(prefix="anchors/plain"), clock=seconds)
    first = anchors.read(1)
    anchors.write(1, "one — ü\n")
    anchors.write(1, "two\n")
    anchors.read(2)
    anchors.write(2, "other\n")
    later = AnchorBucket(buckets.access(prefix="anchors/plain"), clock=seconds)

    assert None is first
    assert ("two\n", "other\n", None) == (later.read(1), later.read(2), later.read(3))
    assert b"two\n" == buckets.content("anchors/plain/log-1.checkpoint")


def test_nobody_overwrites_what_they_have_not_read(two: tuple[AnchorBucket, AnchorBucket], seconds: Seconds) -> None:
    """The first note and every later one; who comes late keeps nothing, and then reads what is there."""
    one, other = two
    for before, taken in ((None, "a\n"), ("a\n", "b\n")):
        seconds.now += 60
        assert (before, before) == (one.read(1), other.read(1))
        one.write(1, taken)
        with pytest.raises(AnchorMoved, match="two databases are written for one log"):
            other.write(1, "mine\n")
        assert taken == other.read(1)
    other.write(1, "c\n")
    with pytest.raises(AnchorMoved):
        one.write(1, "d\n")

    assert "c\n" == one.read(1)


def test_who_has_read_nothing_replaces_nothing(two: tuple[AnchorBucket, AnchorBucket]) -> None:
    """Not even where there is nothing: what is written was held against what was read."""
    one, other = two
    with pytest.raises(AnchorMoved):
        one.write(1, "a\n")
    assert None is one.read(1)
    one.write(1, "a\n")
    with pytest.raises(AnchorMoved):
        other.write(1, "b\n")

    assert "a\n" == other.read(1)


def test_an_answer_holds_for_some_seconds(two: tuple[AnchorBucket, AnchorBucket], seconds: Seconds) -> None:
    """So that idle logs are not asked for each second."""
    one, other = two
    one.read(1)
    one.write(1, "a\n")
    other.read(1)
    other.write(1, "b\n")
    soon = one.read(1)
    seconds.now += 11

    assert ("a\n", "b\n") == (soon, one.read(1))


def test_a_bucket_that_is_away_is_a_sentence_without_its_secret(buckets: Buckets) -> None:
    """Whether it is read or written, and what it held is asked for again afterwards."""
    with odd_bucket() as (url, _asked):
        for changes, reason in (
            ({"bucket": "refused", "endpoint": url}, r"answered 403 Forbidden \(SignatureDoesNotMatch\)"),
            ({"bucket": "slow", "endpoint": url}, "did not answer within 1 seconds"),
            ({"bucket": "nothere"}, r"answered 404 Not Found \(NoSuchBucket\)"),
        ):
            anchors = AnchorBucket(buckets.access(**changes), seconds=1.0)
            for ask in (anchors.prepare, anchors.read):
                with pytest.raises(AnchorAway, match=reason) as away:
                    ask(1)
                assert "nothing is signed" in str(away.value)
                assert SECRET not in str(away.value)


def test_what_nobody_can_decode_is_a_note_that_nobody_signed(buckets: Buckets) -> None:
    """It is read as a text, and refused as such."""
    buckets.client.put_object(Bucket="records", Key="anchors/odd/log-1.checkpoint", Body=b"\xff\xfe")

    assert "��" == AnchorBucket(buckets.access(prefix="anchors/odd")).read(1)


class _Careless(BaseHTTPRequestHandler):
    """Buckets that can not be relied on, by their names: one knows no conditions, one tells no version, and one tells
    others than it knows."""

    def do_GET(self) -> None:
        self._say(200, b"content", "" if "/untold/" in self.path else 'W/"1"')

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        well = "/careless/" in self.path
        self._say(200 if well else 412, b"" if well else b"<Error><Code>PreconditionFailed</Code></Error>", '"1"')

    def _say(self, status: int, body: bytes, version: str) -> None:
        self.send_response(status)
        if version:
            self.send_header("etag", version)
        self.send_header("last-modified", "Mon, 15 Jun 2026 12:00:00 GMT")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("bucket", "reason"),
    [
        ("careless", "no If-Match and If-None-Match"),
        ("untold", r"tells no version \(ETag\)"),
        ("changed", "does not know the version .* that it told"),
    ],
)
def test_a_bucket_that_can_not_be_relied_on_is_refused(buckets: Buckets, bucket: str, reason: str) -> None:
    """Before anything is kept there: in it any publisher could overwrite another's, or none could write twice."""
    with listening(_Careless) as (url, asked):
        anchors = AnchorBucket(buckets.access(endpoint=url, bucket=bucket))
        for _ in range(2):
            with pytest.raises(AnchorAway, match=reason):
                anchors.prepare(1)

    assert asked
    assert [] == [path for path in asked if "checkpoint" in path]


def test_publishers_of_one_database_take_turns(home: Home, buckets: Buckets, seconds: Seconds) -> None:
    """What another one kept is no fork: who did not know of it reads it, and signs on."""
    access = buckets.access(prefix="anchors/turns")
    nodes = [AnchorBucket(access, clock=seconds) for _ in range(3)]
    signed = []
    for turn in range(7):
        add_entries(home)
        checkpoint = sign(home, nodes[turn % 3])
        assert checkpoint is not None
        signed.append(checkpoint.note)
        assert None is sign(home, nodes[(turn + 1) % 3])

    assert signed[-1].encode() == buckets.content("anchors/turns/log-1.checkpoint")
    assert 7 == len(set(signed))


def test_two_databases_for_one_log_are_found_by_whoever_comes_second(
    home: Home, buckets: Buckets, seconds: Seconds, tmp_path: Path
) -> None:
    """A standby that was promoted while the primary lives: both trees grow, one of them is signed, although the other's
    publisher read the bucket a moment before."""
    access = buckets.access(prefix="anchors/split")
    mine, theirs = AnchorBucket(access, clock=seconds), AnchorBucket(access, clock=seconds)
    add_entries(home)
    sign(home, mine)
    shutil.copytree(tmp_path / "home", tmp_path / "standby")
    standby = open_home(settings_of(tmp_path / "standby"), home.clock, CountedRandomness("standby"))
    assert None is sign(standby, theirs)
    add_entries(home, 2)
    add_entries(standby, 5)
    kept = sign(home, mine)
    with pytest.raises(CheckpointRefused, match="not a continuation"):
        sign(standby, theirs)
    checkpoints = [one.size for one in standby.place.ledger.checkpoints(1)]
    standby.close()

    assert kept is not None
    assert kept.note.encode() == buckets.content("anchors/split/log-1.checkpoint")
    assert kept.size not in checkpoints


def anchored(home: Home, buckets: Buckets, prefix: str, tmp_path: Path) -> Home:
    """Return the home with its last checkpoints in a bucket."""
    secret = tmp_path / "secret"
    secret.write_text(f"{buckets.access().secret}\n")
    changes = {
        "anchors": f"s3://records/{prefix}",
        "s3_endpoint": buckets.url,
        "s3_key_id": buckets.access().key_id,
        "s3_secret_file": secret,
    }
    settings = home.settings.model_copy(update=changes)
    return replace(home, place=replace(home.place, settings=settings))


def test_a_node_keeps_what_it_signs_in_the_bucket_and_goes_on_when_it_is_back(
    home: Home, buckets: Buckets, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While it is away nothing is signed, which is said once; answers are taken all the same."""
    changed = anchored(home, buckets, "anchors/node", tmp_path)
    with run_service(changed) as running:
        running.accept()
        running.settle()
        first = buckets.content("anchors/node/log-1.checkpoint")
        running.node.publisher.anchor = AnchorBucket(buckets.access(bucket="nothere"))
        running.accept()
        for _ in range(3):
            running.settle()
        away = [one.getMessage() for one in caplog.records if "no checkpoint for example" in one.getMessage()]
        running.node.publisher.anchor = open_anchors(changed.settings)
        running.settle()

    assert 1 == len(away)
    assert "nothing is signed: the bucket nothere answered 404 Not Found (NoSuchBucket)." in away[0]
    last = home.place.ledger.last_checkpoint(1)
    assert last is not None
    assert last.note.encode() == buckets.content("anchors/node/log-1.checkpoint") != first
    assert [] == list(home.settings.anchors_folder.iterdir())


def test_the_commands_ask_the_bucket_too(askfirst: CommandLine, buckets: Buckets, tmp_path: Path) -> None:
    """What is missing in the database is found by what is kept there."""
    secret = tmp_path / "secret"
    secret.write_text(buckets.access().secret)
    settings = {
        "ANCHORS": "s3://records/anchors/commands",
        "S3_ENDPOINT": buckets.url,
        "S3_KEY_ID": buckets.access().key_id,
        "S3_SECRET_FILE": str(secret),
    }
    askfirst.does("init", "--name", "Example", "--slug", "example")
    kept = b"consent.example.net/log/example\n99\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 nobody AAAA\n"
    buckets.client.put_object(Bucket="records", Key="anchors/commands/log-1.checkpoint", Body=kept)
    without, ran = askfirst("ledger", "verify"), askfirst("ledger", "verify", **settings)

    assert (0, 2) == (without.code, ran.code)
    assert "outside the database" in ran.out


@pytest.mark.parametrize("value", ["anchors", "/anchors", "http://records/x", "s3://", "s3://records/a b"])
def test_an_address_that_is_no_bucket_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting's name, and what it looks like."""
    monkeypatch.setenv("ASKFIRST_ANCHORS", value)
    with pytest.raises(ConfigurationFault, match="ASKFIRST_ANCHORS must be a bucket like s3://bucket/prefix"):
        read_settings()


def test_each_database_of_a_directory_has_a_place_of_its_own(tmp_path: Path) -> None:
    """They number their logs alike."""
    directory = tmp_path / "directory.toml"
    directory.write_text('[one]\norganisations = ["a"]\n[two]\norganisations = ["b"]\n')
    settings = settings_of(tmp_path, directory=directory, anchors="s3://records/anchors")

    assert ["s3://records/anchors/one", "s3://records/anchors/two"] == [
        one.settings.anchors for one in read_databases(settings)
    ]
