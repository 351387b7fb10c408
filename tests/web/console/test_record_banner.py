"""The banner of a record: the build and the policy of then, in a page that can send and keep nothing."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from sqlalchemy import update

from askfirst.storage import tables as t
from support.altered_log import change
from support.places import publish
from support.running_service import RunningService
from support.staff import Desk, desk, entries


def banner(who: Desk, record: str, query: str = "", status: int = 200) -> Any:
    answer = who.get(f"/console/records/{record}/banner{query}")
    assert status == answer.status_code, answer.text
    return answer


def _asked(service: RunningService) -> list[Any]:
    """Return all that a page in German is told of the policy of now, what is fetched later included."""
    script = service.get("/s/demo0001/de.js").text
    policy, build = re.findall(r'"([0-9a-f]{64})"', script[script.rindex('"demo0001"') :])[:2]
    answer: list[Any] = service.get(f"/c/demo0001/{policy}/{build}/de.json").json()
    return answer


def test_the_banner_is_that_of_the_record(service: RunningService) -> None:
    """Another policy and another language since then change nothing."""
    record = service.accept(language="de")["record"]
    asked = _asked(service)
    publish(service.home.place, "demo0001", controller={"name": "Another Ltd", "address": "a", "contact": "b"})
    service.settle()
    page = banner(desk(service), record).text

    shown = re.findall("<script>(.*?)</script>", page, re.DOTALL)[1]
    told = json.JSONDecoder().raw_decode(shown, shown.rindex('[2,"demo0001"'))[0]
    # It asks no service, and what only acts, and shows nothing, is not told.
    assert (asked[:2], "", asked[3:9]) == (told[:2], told[2], told[3:9])
    parts, kept = asked[9].pop("parts", {}), told[9].pop("parts", {})
    assert asked[9] == told[9]
    assert {name: parts[name] for name in kept} == kept
    assert 'lang="de" dir="ltr"' in page
    assert "Another Ltd" not in page


def test_the_page_lets_nothing_out(service: RunningService) -> None:
    """No origin of its own, no request, no form; only the two scripts whose hashes are named."""
    answer = banner(desk(service), service.accept()["record"], "?layer=second&scheme=dark&width=360")
    rules = dict(
        rule.strip().partition(" ")[::2] for rule in answer.headers["content-security-policy"].split(";") if rule
    )
    scripts = re.findall("<script>(.*?)</script>", answer.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]

    assert "allow-scripts" == rules.pop("sandbox")
    assert " ".join(f"'sha256-{one}'" for one in hashes) == rules.pop("script-src")
    assert rules.pop("style-src").startswith("'sha256-")
    assert {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "require-trusted-types-for": "'script'",
    } == rules
    assert 'data-scheme="dark" data-layer="second"' in answer.text
    assert "no-store" == answer.headers["cache-control"]


def test_a_look_leaves_an_entry(service: RunningService) -> None:
    """Like every look at a record."""
    record = service.accept()["record"]
    who = desk(service)
    banner(who, record)

    assert [record] == [one["record"] for one in entries(service.home, "record:viewed")]


@pytest.mark.parametrize("query", ["?layer=third", "?layer=", "?scheme=blue", "?script=x", "?layer=first&x=%00"])
def test_what_is_no_look_is_told(service: RunningService, query: str) -> None:
    """With a page that names it."""
    banner(desk(service), service.accept()["record"], query, 400)


def test_others_records_have_no_banner(service: RunningService) -> None:
    """As if there were no such record."""
    record = service.accept()["record"]
    banner(desk(service, "owner", slug="other"), record, status=404)
    banner(desk(service, "auditor", ("shop0001",)), record, status=404)


@pytest.mark.parametrize("altered", [b"", b"\xff\xfe", b"alert(1)", b"(a)(null,[]);(b)(null,[]);"])
def test_an_altered_build_shows_nothing(service: RunningService, altered: bytes) -> None:
    """Whatever stands in its place runs in no page; the record's page says that the banner is gone."""
    record = service.accept()["record"]
    service.settle()
    change(service.home, update(t.build).values(script=altered))
    with service.home.place.catalogue.transaction():
        pass  # the node reads the catalogue again when its version rises
    service.settle()
    who = desk(service)
    banner(who, record, status=404)

    assert "The banner itself can not be shown" in who.get(f"/console/records/{record}").text
