"""The API's own description, held against the service with every check that schemathesis has, for every role."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from askfirst.app import api_routes
from askfirst.core.roles import Role
from askfirst.usecases.record_filters import read_time
from askfirst.usecases.tokens import issue_token
from askfirst.web.openapi import ADDRESS
from askfirst_sdk.subject import consent_id, make_subject
from support.places import open_home, settings_of
from support.served import Served, serve
from support.time_and_ids import CountedRandomness, HandClock

EXAMPLES = 100
_MOMENTS = st.integers(0, 2**46).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))
# What JSON Schema has no words for.
schemathesis.openapi.format("date-or-time", _MOMENTS.map(datetime.isoformat))
schemathesis.openapi.format("lately", st.just("2026-06-10"))
schemathesis.openapi.format("time-to-come", st.just("2036-01-01"))
schemathesis.openapi.format(
    "consent-id", st.builds(make_subject, st.integers(0, 2**42 - 1), st.integers(0, 2**58 - 1)).map(consent_id)
)


# What a good request is, is said elsewhere too: the policy that a decision names, the schema and rules of a site file.
_PARTLY_SAID = {"/api/v1/decisions"} | {
    f"/api/v1/sites/{{site}}/policies{end}" for end in ("", "/check", "/diff", "/{number}")
}


@pytest.fixture(scope="module")
def api(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a service on a socket, with a few decisions."""
    folder = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(furnished_folder, folder)
    home = open_home(settings_of(folder), HandClock(), CountedRandomness("api"))
    with serve(home) as running:
        for number in range(3):
            headers = {"origin": "https://www.example.org", "content-type": "application/json"}
            requests.post(f"{running.url}/d/demo0001", running.body(number), headers=headers, timeout=10)
        running.node.sequence()
        running.node.publish()
        yield running
    home.close()


def document_of(api: Served) -> Any:
    return requests.get(f"{api.url}{ADDRESS}", timeout=10).json()


def test_every_address_of_the_api_is_described(api: Served) -> None:
    """None is added without saying what it takes and gives; anybody may read the document."""
    document = document_of(api)
    described = {f"{method.upper()} {path}" for path, ways in document["paths"].items() for method in ways}

    assert {f"{one.method} {one.path}" for one in api_routes(api.node.live)} == described
    assert "3.1.0" == document["openapi"]


def _is_in_order(case: Case) -> bool:
    """Say whether a range of time has its ends in order: JSON Schema has no words for that either."""
    given = case.body if isinstance(case.body, dict) else case.query or {}
    try:
        return read_time(given["from"]) < read_time(given["to"])
    except (KeyError, ValueError, TypeError):
        return True


def _is_sent_whole(case: Case) -> bool:
    """Say whether every parameter goes over the wire: one whose values are an empty list does not, so it is not bad."""
    return [] not in (case.query or {}).values()


@pytest.fixture(scope="module")
def cases_of(api: Served) -> Callable[[bool], list[Case]]:
    """Give all good or all bad requests: made once from the description, since they are the same for every role."""
    schema = schemathesis.openapi.from_dict(document_of(api))
    return cache(lambda good: list(_cases(schema, good)))


def _cases(schema: Any, good: bool) -> Iterator[Case]:
    mode = GenerationMode.POSITIVE if good else GenerationMode.NEGATIVE
    for result in schema.get_all_operations():
        operation = result.ok()
        halves = bool(operation.query.items or operation.body.items)
        if not good and not halves:
            continue  # nothing to be got wrong but a path, which good ones try too
        yield from _drawn(operation.as_strategy(generation_mode=mode), EXAMPLES // 2 if halves else EXAMPLES)


def _drawn(strategy: st.SearchStrategy[Case], examples: int) -> list[Case]:
    drawn = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def draw(case: Case) -> None:
        assume(_is_in_order(case) and _is_sent_whole(case))
        drawn.append(case)

    draw()
    return drawn


@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
@pytest.mark.parametrize("role", list(Role))
def test_the_api_does_what_its_document_says(
    api: Served, cases_of: Callable[[bool], list[Case]], role: str, good: bool
) -> None:
    """Whatever is sent, good or bad: described answers in described forms, refusals with a problem document.

    Good and bad requests are made in turn from the description, for each address; bad ones are never taken.
    """
    place = api.home.place
    secret = issue_token(place.staff, 1, name="tried", role=role, sites=None, days=1, by=place.by)
    headers = {"Authorization": f"Bearer {secret}"}
    cases = cases_of(good)
    assert len(cases) > EXAMPLES
    with requests.Session() as session:
        for case in cases:
            excluded = [positive_data_acceptance] if case.path in _PARTLY_SAID else []
            case.call_and_validate(base_url=api.url, session=session, headers=headers, excluded_checks=excluded)
