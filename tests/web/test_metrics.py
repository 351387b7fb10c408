"""/metrics, /readyz: what an operator's machines ask, and nothing about a person in it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from askfirst.storage.engine import open_engine
from askfirst.web import metrics
from askfirst.web.metrics import SHARED_FOLDER, MetricsPage
from support.running_service import AGENT, VISITOR, RunningService


@pytest.fixture
def readable(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> RunningService:
    """Give a service whose metrics the tests' visitor may read."""
    monkeypatch.setattr(MetricsPage, "_may_ask", lambda _page, _host: True)
    return service


def _value(page: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} ([0-9.e+-]+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_answers_refusals_and_commits_are_counted(readable: RunningService) -> None:
    """By route and status; a batch by its size and time."""
    names = (
        'askfirst_requests_total{route="/d/{site}",status="201"}',
        'askfirst_requests_total{route="/d/{site}",status="422"}',
        'askfirst_refusals_total{code="unknown-policy"}',
        "askfirst_batch_size_sum",
        "askfirst_commit_seconds_count",
        'askfirst_request_seconds_count{route="/s/{path:path}"}',
    )
    before = readable.get("/metrics").text
    readable.accept()
    readable.post(readable.decision(policy="0" * 64))
    readable.get("/s/demo0001.js")
    after = readable.get("/metrics").text
    grown = [_value(after, name) - _value(before, name) for name in names]

    assert [1, 1, 1, 1, 1] == grown[:5]
    assert grown[5] >= 1


def test_a_log_without_a_checkpoint_grows_old(readable: RunningService) -> None:
    """Its age is that of the last checkpoint, and 0 again once one covers everything."""
    name = 'askfirst_checkpoint_age_seconds{log="example"}'
    readable.accept()
    readable.settle()
    readable.node.measure()
    young = _value(readable.get("/metrics").text, name)
    readable.accept()
    readable.node.sequence()
    readable.home.clock.forward(90_000)
    readable.node.measure()
    old = _value(readable.get("/metrics").text, name)

    assert (0, 90) == (young, old)


def test_no_metric_names_a_visitor_or_a_path(readable: RunningService) -> None:
    """Routes by their pattern, never by what somebody asked for."""
    record = readable.accept()["record"]
    readable.get(f"/api/v1/records/{record}")
    readable.get("/no/such/thing-that-somebody-typed")
    page = readable.get("/metrics").text

    assert [] == [told for told in (record, VISITOR[0], AGENT, "somebody-typed", "demo0001") if told in page]


def test_metrics_are_for_the_networks_that_are_named(service: RunningService) -> None:
    """Anybody else gets a problem; by default only this machine reads them."""
    answer = service.get("/metrics")

    assert (403, "/problems/forbidden") == (answer.status_code, answer.json()["type"])
    page = MetricsPage(service.home.settings.metric_readers)
    asked = ("127.0.0.1", "::1", "::ffff:127.0.0.1", "203.0.113.7", "", "testclient")
    assert [True, True, True, False, False, False] == [page._may_ask(host) for host in asked]


def test_ready_while_the_database_answers(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After while it does not; the process itself is healthy all the same."""
    before = service.get("/readyz")
    lost = open_engine("sqlite:////nowhere/at/all.sqlite")
    monkeypatch.setattr(service.node.catalogue, "_engine", lost)
    after = service.get("/readyz")

    assert (200, "ready\n") == (before.status_code, before.text)
    assert (503, "5") == (after.status_code, after.headers["retry-after"])
    assert 200 == service.get("/healthz").status_code


def test_a_worker_that_died_says_nothing_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it counted stays; the age of a checkpoint, as it was when it died, would be an alarm for ever."""
    words = "from askfirst.web import metrics as m; m.note_checkpoint_age('gone', 999.0); m.refused('unknown-site')"
    environment = {**os.environ, SHARED_FOLDER: str(tmp_path)}
    subprocess.run([sys.executable, "-c", words], check=True, env=environment)
    monkeypatch.setenv(SHARED_FOLDER, str(tmp_path))
    page = generate_latest(metrics._gathered()).decode()

    assert 'askfirst_refusals_total{code="unknown-site"} 1.0' in page
    assert "gone" not in page
