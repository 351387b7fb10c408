"""Every error has its status and its page, and a problem document repeats no more than it should."""

import json
import re
from pathlib import Path

from askfirst.core import errors
from askfirst.core.errors import AskfirstError
from askfirst.web.problems import STATUS
from askfirst.web.publications import PROBLEMS
from support.running_service import RunningService, problem


def test_every_problem_has_a_status_and_a_page(shared_service: RunningService) -> None:
    """The codes of formats.md 6.3, the table of statuses and the classes are one list, and each has its page."""
    assert STATUS.keys() == PROBLEMS.keys()
    for code, kind in PROBLEMS.items():
        answer = shared_service.get(f"/problems/{code}")
        assert (200, "text/plain; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
        assert answer.text.startswith(f"{kind.title}\n\n")


def test_every_error_is_told_to_somebody() -> None:
    """Each class of the tree is a problem with a status, or one for the operator, drawn in the module's own tree."""
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AskfirstError)]
    drawn = errors.__doc__ or ""
    named = [kind for kind in classes if not kind.__name__.startswith("_")]
    leaves = [kind for kind in named if kind not in (AskfirstError, errors.Problem, errors.Fault)]

    assert [] == [kind.__name__ for kind in named if kind.__name__ not in drawn]
    for kind in leaves:
        assert issubclass(kind, errors.Problem) != issubclass(kind, errors.Fault), kind
        assert (kind.code in STATUS) == issubclass(kind, errors.Problem), kind
        assert kind.code != "internal", kind
        assert kind.title != "Internal error", kind
    codes = [kind.code for kind in leaves]
    assert len(codes) == len(set(codes))


def test_the_problems_of_the_formats_are_the_problems_of_the_service() -> None:
    """formats.md 6.3 and the service name the same codes and statuses."""
    formats = Path(__file__).parents[2] / "service" / "docs" / "formats.md"
    table = formats.read_text().partition("### 6.3")[2].partition("\n## ")[0]
    told = {code: int(status) for code, status in re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", table, re.MULTILINE)}

    assert told == dict(STATUS)


def test_a_problem_document_repeats_no_more_than_it_should(shared_service: RunningService) -> None:
    """What a caller sent is shown shortened and printable, and the document stays JSON."""
    answer = shared_service.get("/p/" + "%E2%80%AE%00%0A" + "x" * 5000 + ".json")
    told = json.loads(answer.content)

    assert 404 == answer.status_code
    assert len(answer.content) < 1000
    assert told["site"].isprintable()
    expected = problem("unknown-site", 404, "Unknown site", f"No site has the key “{told['site']}”.", site=told["site"])
    assert expected == told
