"""The API of pictures: taken once, listed with what they show, handed out as they were taken, and to nobody else."""

import hashlib
from typing import Any

import pytest

from askfirst.snippet_files import read_snippet
from askfirst.usecases.renderings import Renderer
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import more_rows
from usecases.test_renderings import Brush
from web.test_policy_api import BASE, Program, code

PICTURES = f"{BASE}/1/pictures"


@pytest.fixture
def painted(service: RunningService) -> RunningService:
    """Give a service with a browser that paints what it is shown as a text."""
    service.node.live.renderer = Renderer(read_snippet(), Brush())
    return service


def _take(program: Program) -> Any:
    return program.post(PICTURES, b"", "application/json")


def test_pictures_are_taken_listed_and_read(painted: RunningService) -> None:
    """Both layers in each language and window; each read is the bytes of its digest; the same again is stored once."""
    editor, auditor = Program(painted), Program(painted, "auditor")
    first, again = _take(editor), _take(editor)
    (listed,) = auditor.get(PICTURES).json()["renderings"]
    digests = [one["picture"] for one in listed["manifest"]["pictures"]]
    read = [auditor.get(f"{PICTURES}/{digest}") for digest in digests]

    assert (201, 200) == (first.status_code, again.status_code)
    assert first.json() == again.json() == listed
    assert 8 == len(digests)
    assert digests == [hashlib.sha256(one.content).hexdigest() for one in read]
    assert {"image/png"} == {one.headers["content-type"] for one in read}
    assert 1 == [one["kind"] for one in entries(painted.home)].count("policy:rendered")


def test_who_may_not_publish_takes_no_pictures(painted: RunningService) -> None:
    """And nothing is stored."""
    auditor = Program(painted, "auditor")
    before = painted.rows()

    assert (403, "forbidden") == code(_take(auditor))
    assert {} == more_rows(before, painted.rows())


def test_without_a_browser_it_is_said(service: RunningService) -> None:
    """503 with the reason; the policy stands as it did."""
    answer = _take(Program(service))

    assert (503, "unavailable") == code(answer)
    assert [] == Program(service).get(PICTURES).json()["renderings"]


@pytest.mark.parametrize(
    "path", [f"{BASE}/9/pictures", f"{PICTURES}/{'0' * 64}", f"{PICTURES}/nonsense", f"{PICTURES}/%00"]
)
def test_what_is_not_there_is_not_found(painted: RunningService, path: str) -> None:
    """A version that was never published, and a digest of no picture of this one."""
    assert (404, "not-found") == code(Program(painted).get(path))


def test_another_sites_pictures_are_not_there(painted: RunningService) -> None:
    """Neither for a credential of one site, nor under the address of another policy."""
    digest = _take(Program(painted)).json()["manifest"]["pictures"][0]["picture"]
    elsewhere = Program(painted, "auditor", ("shop0001",))

    assert (404, "unknown-site") == code(elsewhere.get(f"{PICTURES}/{digest}"))
    assert (404, "not-found") == code(elsewhere.get(f"/api/v1/sites/shop0001/policies/1/pictures/{digest}"))
