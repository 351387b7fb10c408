"""`askfirst demo`: it starts, answers, keeps, and ends; where things are in its way, a sentence and nothing lost."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from askfirst.demo.start import prepare_demo
from askfirst.preparing import prepare
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.usecases.keys import RECEIPT, active_key
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.workplace import Workplace, open_workplace
from support.command_line import CommandLine
from support.places import settings_of

ASKFIRST = Path(sys.executable).with_name("askfirst")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ASKFIRST_")}


def words(folder: Path, service: int, site: int) -> list[str]:
    ports = ["--service-port", str(service), "--site-port", str(site)]
    return [str(ASKFIRST), "demo", "--folder", str(folder), *ports]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that answers."""

    process: subprocess.Popen[str]
    service: str
    site: str
    link: str

    def accept(self, number: int) -> httpx.Response:
        """Answer as the page does."""
        script = httpx.get(f"{self.service}/s/demo.js").text
        told = re.search(r'"([0-9a-f]{64})","([0-9a-f]{64})",', script)
        assert told is not None
        decision = {
            "v": 1,
            "id": f"00000000-0000-4000-8000-{number:012x}",
            "policy": told[1],
            "build": told[2],
            "language": "en",
            "purposes": {"measurement": True},
            "method": "accept_all",
            "at": 1_781_524_800_000,
            "gpc": False,
            "rule": "default",
        }
        return httpx.post(
            f"{self.service}/d/demo",
            content=json.dumps(decision),
            headers={"origin": self.site, "content-type": "text/plain"},
        )

    def stop(self, by: signal.Signals = signal.SIGINT) -> str:
        """Send a signal, wait for the end, and return what was said since the start."""
        self.process.send_signal(by)
        said, _ = self.process.communicate(timeout=30)
        return said


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Run a demo on free ports until it answers; at the end it has to be stopped, or is killed."""
    process = subprocess.Popen(
        words(folder, 0, 0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
    )
    with process:
        try:
            demo = Demo(process, *_addresses(process))
            # The port is open from the first moment on: these two wait until the servers behind it answer.
            assert httpx.get(f"{demo.service}/healthz", timeout=30).text == "ok\n"
            assert httpx.get(f"{demo.site}/privacy", timeout=30).status_code == 200
            yield demo
        finally:
            process.kill()


def _addresses(process: subprocess.Popen[str]) -> tuple[str, str, str]:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Stop with Ctrl+C" in line:
            break
    service, site = re.search(r"http://127\.0\.0\.1:\d+", said), re.search(r"http://localhost:\d+", said)
    assert service is not None, said
    assert site is not None, said
    link = re.search(r"http://127\.0\.0\.1:\d+/console/link/[0-9a-f]{64}", said)
    assert link is not None, said
    return service[0], site[0], link[0]


def refused(askfirst: CommandLine, folder: Path, service: int = 0, site: int = 0) -> str:
    """Run a demo that can not start, in this process, and return its sentence."""
    return askfirst.refuses(*words(folder, service, site)[1:])


def opened(folder: Path) -> Workplace:
    return open_workplace(settings_of(folder))


def everything_is_signed(folder: Path) -> int:
    """Return how many decisions a folder holds, after a verification of all; nothing may wait."""
    place = opened(folder)
    result = verify_ledger(place.directory, place.ledger, 1, anchor=AnchorFiles(folder / "anchors").read(1))
    last = place.ledger.last_checkpoint(1)
    assert last is not None
    assert ([], 0, place.ledger.head(1).size) == (result.findings, result.waiting, last.size)
    return place.ledger.counts(1)["record"]


def test_a_stopped_demo_has_signed_what_it_accepted_and_goes_on_from_there(tmp_path: Path) -> None:
    """Ctrl+C ends it without a word more; the next start, on other ports, keeps keys, policy and answers."""
    folder = tmp_path / "demo"
    with running(folder) as demo:
        answers = [demo.accept(number) for number in range(5)]
        said = demo.stop()
    keys = {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}

    assert [201] * 5 == [answer.status_code for answer in answers]
    assert "" == said.strip()
    assert 5 == everything_is_signed(folder)
    with running(folder) as later:
        again, more = later.accept(3), later.accept(9)
        said = later.stop(signal.SIGTERM)
    assert "" == said.strip()
    assert (200, answers[3].content, 201) == (again.status_code, again.content, more.status_code)
    assert keys == {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}
    assert 6 == everything_is_signed(folder)
    site = opened(folder).directory().sites["demo"]
    assert [1] == [one.policy.number for one in site.policies.values()]
    assert {demo.site, later.site} == set(site.site.origins)


def test_a_killed_demo_has_lost_nothing_that_it_confirmed(tmp_path: Path) -> None:
    """Without any chance to end: every answer that was given is in the database, and the next start signs it."""
    folder = tmp_path / "demo"
    with running(folder) as demo:
        answers = [demo.accept(number) for number in range(5)]
        demo.process.kill()
        demo.process.wait(30)
    with running(folder) as demo:
        again = [demo.accept(number) for number in range(5)]
        demo.stop()

    assert [answer.content for answer in answers] == [answer.content for answer in again]
    assert [200] * 5 == [answer.status_code for answer in again]
    assert 5 == everything_is_signed(folder)


def test_a_folder_in_use_and_a_taken_port_are_told(askfirst: CommandLine, tmp_path: Path) -> None:
    """One process at a time on a folder and on a port; the sentence says which, and the running demo goes on."""
    folder = tmp_path / "demo"
    with running(folder) as demo:
        same_folder = refused(askfirst, folder)
        service, site = (int(address.rpartition(":")[2]) for address in (demo.service, demo.site))
        same_service = refused(askfirst, tmp_path / "other", service=service)
        same_site = refused(askfirst, tmp_path / "other", site=site)
        alive = demo.accept(1).status_code
        demo.stop()

    assert f"{folder} is in use by another Askfirst process; stop that one first" in same_folder
    assert f"--service-port can not be {service} on 127.0.0.1: Address already in use" in same_service
    assert f"--site-port can not be {site} on 127.0.0.1: Address already in use" in same_site
    assert "stop what uses it, or choose another port" in same_site
    assert 201 == alive
    assert not (tmp_path / "other").exists()


def test_a_port_that_something_else_has_is_told(askfirst: CommandLine, tmp_path: Path) -> None:
    """It need not be Askfirst that is in the way."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--service-port can not be" in refused(askfirst, tmp_path / "demo", service=taken.getsockname()[1])


def _empty_folder(folder: Path) -> None:
    folder.mkdir()


def _empty_database(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "askfirst.sqlite").touch()


def _no_organisation(folder: Path) -> None:
    prepare(settings_of(folder))


def _no_site(folder: Path) -> None:
    from support.places import found, open_home
    from support.time_and_ids import CountedRandomness, HandClock

    home = open_home(settings_of(folder), HandClock(), CountedRandomness())
    found(home.place, "demo")
    home.close()


@pytest.mark.parametrize("half_made", [_empty_folder, _empty_database, _no_organisation, _no_site])
def test_a_half_made_folder_is_finished(tmp_path: Path, half_made: Callable[[Path], None]) -> None:
    """Wherever the first start was cut off, the second makes what is missing, and keeps what is there."""
    folder, settings = tmp_path / "demo", settings_of(tmp_path / "demo")
    half_made(folder)
    for _ in range(2):
        prepare(settings)
        prepare_demo(open_workplace(settings), "http://localhost:8602")
    directory = opened(folder).directory()

    assert ["demo"] == [one.slug for one in directory.organisations.values()]
    assert {"demo"} == directory.sites.keys()
    assert 2 == len(list((folder / "keys").glob("*.key")))
    live = directory.sites["demo"]
    assert (1, ("http://localhost:8602",)) == (live.current and live.current.policy.number, live.site.origins)


def test_lost_keys_are_told_and_nothing_is_overwritten(askfirst: CommandLine, tmp_path: Path) -> None:
    """Without its private keys the log can not go on; with them back in place it does."""
    folder = tmp_path / "demo"
    prepare(settings_of(folder))
    prepare_demo(opened(folder), "http://localhost:8602")
    (folder / "keys").rename(folder / "kept")
    said = refused(askfirst, folder)

    assert "No receipt key can sign: the keys folder lacks the private half of askfirst.example/log/demo" in said
    assert "restore it from a backup" in said
    assert [] == list((folder / "keys").glob("*.key"))
    for path in (folder / "keys").iterdir():
        path.unlink()
    (folder / "keys").rmdir()
    (folder / "kept").rename(folder / "keys")
    place = opened(folder)
    assert active_key(place.catalogue.snapshot().keys, place.keys, 1, RECEIPT).verifier.name.endswith("/receipts")


def test_a_file_that_is_no_database_is_told(askfirst: CommandLine, tmp_path: Path) -> None:
    """Garbage in the place of the database is left as it is."""
    database = tmp_path / "demo" / "data" / "askfirst.sqlite"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"garbage" * 1000)

    assert "file is not a database. It was left as it is." in refused(askfirst, tmp_path / "demo")
    assert b"garbage" * 1000 == database.read_bytes()


def test_a_folder_that_can_not_be_one_is_told(askfirst: CommandLine, tmp_path: Path) -> None:
    """A file in the place of the folder is a sentence too."""
    (tmp_path / "demo").write_text("a file")

    assert "File exists" in refused(askfirst, tmp_path / "demo")


def test_the_printed_link_lets_the_owner_in_once_and_each_start_prints_a_new_one(tmp_path: Path) -> None:
    """The first owner needs no password to begin with, and is the same one the next day."""
    folder = tmp_path / "demo"
    links, names = [], []
    for _ in range(2):
        with running(folder) as demo, httpx.Client(headers={"sec-fetch-site": "same-origin"}) as browser:
            assert [200, 303, 404] == [
                answer.status_code
                for answer in (browser.get(demo.link), browser.post(demo.link), browser.post(demo.link))
            ]
            page = browser.get(f"{demo.service}/console/staff").text
            names.append(page.count("Demo owner"))
            links.append(demo.link.rpartition("/")[2])
            demo.stop()

    assert 2 == len(set(links))
    assert names[0] == names[1] > 0


def test_somebody_who_follows_decisions_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """An open stream ends cleanly with the process: nothing is said about it, and nobody waits."""
    with running(tmp_path / "demo") as demo, httpx.Client(headers={"sec-fetch-site": "same-origin"}) as browser:
        browser.post(demo.link)
        with browser.stream("GET", f"{demo.service}/console/events", timeout=30) as stream:
            lines = stream.iter_lines()
            assert ": listening" == next(lines)
            demo.process.send_signal(signal.SIGINT)
            rest = "".join(lines)
        said, _ = demo.process.communicate(timeout=10)

    assert ("", "") == (said.strip(), rest.replace("retry: 3000", "").strip())
