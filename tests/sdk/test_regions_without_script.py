"""An answer without JavaScript is recorded under the rule of the region where the visitor is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from askfirst_sdk import Askfirst
from askfirst_sdk.mount import Mount
from askfirst_sdk.page import Page
from askfirst_sdk.testing import no_answer
from sdk.mounted import SITE, Site, recorder_token, service
from sdk.test_mount import FORM, form
from sdk.test_tags import Parsed
from support.places import publish
from support.served import Served
from web.test_regions import OPT_OUT


@pytest.fixture(scope="module")
def served(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a service whose site has a rule for California."""
    with service(furnished_folder, tmp_path_factory.mktemp("regions") / "home") as running:
        publish(running.home.place, SITE, **OPT_OUT)
        running.node.refresh()
        yield running


@pytest.fixture(scope="module")
def askfirst(served: Served) -> Iterator[Askfirst]:
    made = Askfirst(site=SITE, service_url=served.url)
    made.want_policy()
    assert made.ready(30)
    yield made
    made.close()


def recorded_rule(served: Served, askfirst: Askfirst, body: bytes, **given: Any) -> Any:
    """Answer a form at a mount, and return the rule that the newest record names."""
    mount = Mount(askfirst, token=recorder_token(served), timeout=30, **given)
    answered = Site(served, askfirst, mount, "wsgi").ask("POST", "/askfirst/answer", body, content_type=FORM)
    assert 303 == answered.status, answered.body
    served.node.sequence()
    place = served.home.place
    size = place.ledger.counts(1)["leaf"]
    whats = [json.loads(entry.what or b"{}") for entry in place.ledger.entries(1, 0, size)]
    return [what["rule"] for what in whats if "rule" in what][-1]


def rule_in_banner(askfirst: Askfirst, region: str | None) -> str | None:
    """Return the rule that the form of a page for this region names."""
    html = Page(askfirst, no_answer(), mount="/askfirst", region=region).banner()
    fields = {a["name"]: a["value"] for name, a in Parsed(html).elements if name == "input"}
    return fields.get("rule")


@pytest.mark.parametrize(
    ("region", "rule"),
    [
        ("US-CA", "us-ca"),
        ("DE", "default"),
        ("us-ca", "us-ca"),
        ("default", "default"),
        ("US", None),
        (None, None),
        ("mars", None),
    ],
)
def test_the_form_names_the_rule_that_the_page_knew(askfirst: Askfirst, region: str | None, rule: str | None) -> None:
    """Where it is not known well enough, nothing is said, and the mount finds out by itself."""
    assert rule == rule_in_banner(askfirst, region)


def test_the_answer_is_recorded_under_it(served: Served, askfirst: Askfirst) -> None:
    """From the page's form to the record."""
    site = Site(served, askfirst, Mount(askfirst, token="t"), "wsgi")

    assert "us-ca" == recorded_rule(served, askfirst, form(site, "accept_all", rule="us-ca"))
    assert "default" == recorded_rule(served, askfirst, form(site, "accept_all", rule="default"))


@pytest.mark.parametrize("rule", ["mars", "", "us-ca\n", "US-CA", "../x", "x" * 2000])
def test_a_rule_that_the_policy_lacks_is_not_taken(served: Served, askfirst: Askfirst, rule: str) -> None:
    """A page that was tampered with still records the answer, under the policy's own modes."""
    site = Site(served, askfirst, Mount(askfirst, token="t"), "wsgi")

    assert "default" == recorded_rule(served, askfirst, form(site, "reject_all", rule=rule))


def test_what_the_mount_knows_itself_goes_before_what_a_form_says(served: Served, askfirst: Askfirst) -> None:
    """The form comes through a browser; the mount's own source is the site's."""
    site = Site(served, askfirst, Mount(askfirst, token="t"), "wsgi")
    body = form(site, "accept_all", rule="us-ca")

    assert "default" == recorded_rule(served, askfirst, body, region=lambda _: "DE")
    assert "us-ca" == recorded_rule(served, askfirst, form(site, "accept_all"), region=lambda _: "US-CA")


def test_where_nobody_knows_the_service_is_asked(served: Served, askfirst: Askfirst) -> None:
    """It may know by the visitor's truncated address; here it does not, and the policy's own modes count."""
    policy = askfirst.policy()
    assert policy is not None
    body = urlencode({"answer": "accept_all", "policy": policy.digest, "language": "en"}).encode()

    assert "default" == recorded_rule(served, askfirst, body)


def test_the_stub_is_told_the_same_rule(askfirst: Askfirst) -> None:
    """So that the script and the form of one page agree."""
    stub = Page(askfirst, no_answer(), mount="/askfirst", region="US-CA").stub()
    (_, attributes), *_ = Parsed(stub).elements

    assert "us-ca" == attributes["data-region"]
