"""The API of policies: check, compare, publish and read, for programs with a token, each leaving its entry."""

import json
from typing import Any

import pytest

from askfirst.core.errors import NotRendered
from askfirst.usecases.tokens import issue_token
from site_file.examples import SHORT, changed, with_lines
from support.places import PAGE, members
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import more_rows

BASE = "/api/v1/sites/demo0001/policies"
YAML = "application/yaml"


class Program:
    """A program with a token."""

    def __init__(self, service: RunningService, role: str = "editor", sites: tuple[str, ...] | None = None) -> None:
        place = service.home.place
        secret = issue_token(place.staff, 1, name=f"the {role}", role=role, sites=sites, days=1, by=place.by)
        self._service, self._headers = service, {"authorization": f"Bearer {secret}"}

    def get(self, path: str) -> Any:
        return self._service.request("GET", path, headers=self._headers)

    def post(self, path: str, body: bytes | str, kind: str = YAML) -> Any:
        content = body.encode() if isinstance(body, str) else body
        return self._service.request("POST", path, content=content, headers={**self._headers, "content-type": kind})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def publishing(reason: str = "We begin.", **more: str) -> str:
    return f"{BASE}?reason={reason}" + "".join(f"&{name}={value}" for name, value in more.items())


def test_an_editor_checks_compares_publishes_and_reads(service: RunningService) -> None:
    """A whole day's work, from a site file in YAML to the policy that pages ask with."""
    editor = Program(service)
    checked = editor.post(f"{BASE}/check", SHORT).json()
    compared = editor.post(f"{BASE}/diff", SHORT).json()
    published = editor.post(publishing(expect="1"), SHORT)
    service.settle()
    listed = editor.get(BASE).json()["policies"]
    whole = editor.get(f"{BASE}/2").json()

    assert {"errors": 0, "warnings": 0, "notes": 0} == checked["count"]
    assert 1 == compared["from"]
    assert "The service YouTube is new under the purpose embeds." in compared["asks_again"]
    assert (201, 2, 2, True) == (
        published.status_code,
        *(published.json()[name] for name in ("number", "revision", "changed")),
    )
    assert f"/p/demo0001/{published.json()['policy']}.json" == published.headers["location"]
    assert [(2, "We begin.", "token:the editor"), (1, "A reason.", "operator:test")] == [
        (one["number"], one["reason"], one["staff"]) for one in listed
    ]
    assert service.get(published.headers["location"]).json() == whole["content"]
    assert whole["content"]["services"][0]["provider"]["name"] == "Example Ltd"


def test_a_publication_takes_pictures_where_there_is_a_browser(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks as the console and the command do; a browser that is not there stops nothing, and the entry says so."""
    asked: list[str] = []

    class Renderer:
        def render(self, _draft: Any, site_key: str) -> Any:
            asked.append(site_key)
            raise NotRendered("the browser was not there")

    monkeypatch.setattr(service.node.live, "renderer", Renderer())
    published = Program(service).post(publishing(), SHORT)
    said = entries(service.home, "policy:published")[-1]

    assert (201, ["demo0001"]) == (published.status_code, asked)
    assert ("none", "the browser was not there") == (said["rendering"], said["rendering_reason"])


def test_each_leaves_its_entry(service: RunningService) -> None:
    """A look is told as a look, a publication with its reason, and by whom."""
    editor = Program(service)
    editor.get(BASE)
    editor.post(f"{BASE}/check", SHORT)
    editor.post(publishing(), SHORT)
    editor.post(publishing(), SHORT)
    service.settle()
    left = entries(service.home)[-4:]

    assert [
        ("page:viewed", BASE),
        ("page:viewed", f"{BASE}/check"),
        ("policy:published", "We begin."),
        ("page:viewed", BASE),
    ] == [(one["kind"], one.get("page") or one.get("reason")) for one in left]


def test_json_is_as_good_as_yaml(service: RunningService) -> None:
    """By content type, and not by what it looks like."""
    editor = Program(service)
    file = json.dumps(members())

    assert 200 == editor.post(f"{BASE}/check", file, "application/json; charset=utf-8").status_code
    assert 200 == editor.post(f"{BASE}/check", file, "text/yaml").status_code
    assert (422, "invalid-site-file") == code(editor.post(f"{BASE}/check", SHORT, "application/json"))
    assert (415, "unsupported-content-type") == code(editor.post(f"{BASE}/check", SHORT, "text/plain"))


def test_of_two_editors_one_wins_and_the_other_is_told(service: RunningService) -> None:
    """Nothing of the second is stored, and the answer names the number to begin from."""
    one, other = Program(service), Program(service, "owner")
    first = one.post(publishing(expect="1"), SHORT)
    before = service.rows()
    second = other.post(publishing(expect="1"), changed("Example Ltd", "Other Ltd"))

    assert (201, (409, "policy-conflict")) == (first.status_code, code(second))
    assert {"expected": 1, "found": 2} == {name: second.json()[name] for name in ("expected", "found")}
    assert {} == more_rows(before, service.rows())
    assert 201 == other.post(publishing(expect="2"), changed("Example Ltd", "Other Ltd")).status_code


def test_the_very_same_again_publishes_nothing(service: RunningService) -> None:
    """200, with the policy that is there."""
    editor = Program(service)
    first = editor.post(publishing(), SHORT).json()
    again = editor.post(publishing(), SHORT)

    assert (200, first["policy"], False) == (again.status_code, again.json()["policy"], again.json()["changed"])
    assert 201 == editor.post(publishing(ask_again="true"), SHORT).status_code


def test_errors_of_the_check_stop_it_and_only_an_owner_overrides(service: RunningService) -> None:
    """The reason becomes part of the ledger, with the ids of the rules."""
    editor, owner = Program(service), Program(service, "owner")
    dark = with_lines("theme: {quiet: '#bbbbbb'}")
    refused = editor.post(publishing(), dark)
    override = publishing("Our brand.", override="AC-1.text&override=AC-1.controls")

    assert (422, "unlawful-policy") == code(refused)
    assert {("AC-1.text", 16, 9), ("AC-1.controls", 16, 9)} == {
        (one["rule"], one["line"], one["column"]) for one in refused.json()["findings"]
    }
    assert (403, "forbidden") == code(editor.post(override, dark))
    assert (400, "invalid-query") == code(owner.post(publishing(override="AC-1.focus"), SHORT))
    assert (400, "invalid-query") == code(owner.post(publishing(override="NO-1.rule"), SHORT))
    assert 201 == owner.post(override, dark).status_code
    service.settle()
    assert ["AC-1.controls", "AC-1.text"] == entries(service.home)[-1]["overridden"]


def test_everything_that_is_wrong_with_a_file_is_told_at_once(service: RunningService) -> None:
    """With line, column and what would mend it; and nothing is half-published."""
    editor = Program(service)
    before = service.rows()
    answer = editor.post(publishing(), changed("country: IE", "country: Ireland") + b"theem: {}\n")

    assert (422, "invalid-site-file") == code(answer)
    assert [("controller.country", 6, 3), ("theem", 16, 1)] == [
        (one["path"], one["line"], one["column"]) for one in answer.json()["findings"]
    ]
    assert all(one["mend"] for one in answer.json()["findings"])
    assert {} == more_rows(before, service.rows())


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"a: &a [*a]", b"a: " + b"[" * 9999, b"null", b"[]", b"a: 1\na: 2", b"!!python/name:os.system x"],
    ids=repr,
)
@pytest.mark.parametrize("kind", [YAML, "application/json"])
def test_nonsense_is_a_problem_and_no_traceback(service: RunningService, body: bytes, kind: str) -> None:
    """In either notation, at every address that takes a file."""
    editor = Program(service)

    for path in (f"{BASE}/check", f"{BASE}/diff", publishing()):
        assert (422, "invalid-site-file") == code(editor.post(path, body, kind))


def test_a_file_of_five_megabytes_is_refused_while_it_comes(service: RunningService) -> None:
    """The limit is that of a policy."""
    assert (413, "body-too-large") == code(Program(service).post(f"{BASE}/check", b"a: b\n" * 1_000_000))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?reason=",
        "?reason=%0A",
        "?reason=Caf%E9",
        "?reason=a&reason=b",
        "?reason=a&expect=-1",
        "?reason=a&expect=x",
        "?reason=a&expect=",
        "?reason=a&expect=99999999999999999999",
        "?reason=a&expect=000000001x",
        "?reason=a&expect=0000000001",
        "?reason=a&ask_again=perhaps",
        "?reason=a&why=b",
        f"?reason={'x' * 1001}",
    ],
)
def test_a_query_that_means_nothing_is_refused(service: RunningService, query: str) -> None:
    """Before the body is looked at."""
    assert (400, "invalid-query") == code(Program(service).post(f"{BASE}{query}", SHORT))


def test_another_site_is_as_unknown_as_none(service: RunningService) -> None:
    """That of another organisation, one that the token is not for, and nobody's: the same words."""
    limited = Program(service, "owner", ("shop0001",))
    everybody = Program(service, "owner")
    answers = [
        limited.get(BASE),
        everybody.get("/api/v1/sites/other0001/policies"),
        everybody.get("/api/v1/sites/nobody00/policies"),
        limited.post(publishing(), SHORT),
        limited.post(f"{BASE}/check", SHORT),
    ]

    assert [(404, "unknown-site")] * 5 == [code(one) for one in answers]
    assert 200 == limited.get("/api/v1/sites/shop0001/policies").status_code
    assert (404, "not-found") == code(everybody.get(f"{BASE}/99"))
    assert (404, "not-found") == code(everybody.get(f"{BASE}/%00"))


def test_an_auditor_reads_and_publishes_nothing(service: RunningService) -> None:
    """Checking and comparing change nothing, so that an auditor may."""
    auditor = Program(service, "auditor")

    assert 200 == auditor.get(BASE).status_code
    assert 200 == auditor.post(f"{BASE}/check", SHORT).status_code
    assert (403, "forbidden") == code(auditor.post(publishing(), SHORT))


def test_script_in_a_text_is_no_text(service: RunningService) -> None:
    """Neither in the file's own texts nor in what names the controller."""
    editor = Program(service)
    for file in (
        with_lines("texts: {en: {text: '<script>alert(1)</script>'}}"),
        changed("Example Ltd", "<img src=x onerror=alert(1)>"),
        with_lines('theme: {font: "x\';}</style><script>"}'),
    ):
        assert (422, "invalid-site-file") == code(editor.post(publishing(), file))
    assert PAGE in service.home.place.directory().sites["demo0001"].site.origins


def test_the_schema_of_site_files_is_served(service: RunningService) -> None:
    """Under its own id, for editors anywhere."""
    answer = service.get("/schema/site-file/1")

    assert ("application/schema+json", "*") == (
        answer.headers["content-type"],
        answer.headers["access-control-allow-origin"],
    )
    assert "https://consent.example.net/schema/site-file/1" == answer.json()["$id"]
