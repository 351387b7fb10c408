"""Traces say which route took how long and how it ended, and nothing about a person; off they cost nothing."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from askfirst import tracing
from askfirst.app import Application
from askfirst.core.errors import ConfigurationFault, Unavailable
from askfirst.metered import watching
from askfirst.serving import server_config
from askfirst.settings import read_settings
from askfirst.storage.batches import batches_of
from askfirst.storage.writer import GroupWriter
from askfirst.tracing import Traced, trace_commit, tracer_of, tracer_with
from askfirst.web.metrics import REGISTRY
from support.places import PAGE, Home
from support.running_service import AGENT, VISITOR, RunningService
from support.served import serve
from support.writing import looked, sealed

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Give what keeps spans in memory."""
    return InMemorySpanExporter()


@pytest.fixture
def traced(service: RunningService, exporter: InMemorySpanExporter) -> Iterator[RunningService]:
    """Give a service every request of which is traced."""
    app: Any = Traced(service.app, tracer_with(SimpleSpanProcessor(exporter), 1.0))
    running = RunningService(service.home, service.node, app, service._portal, 900)
    yield running
    running.close_client()


def test_a_span_names_route_and_status(traced: RunningService, exporter: InMemorySpanExporter) -> None:
    """An answer, a look, a refusal, and an address that there is not."""
    decision = traced.decision()
    exporter.clear()
    traced.post(decision)
    traced.get("/p/demo0001.json")
    traced.get("/api/v1/records")
    traced.get("/nobody/knows/this")

    assert [
        ("POST /d/{site}", 201),
        ("GET /p/{path:path}", 200),
        ("GET /api/v1/records", 401),
        ("GET none", 404),
    ] == [(one.name, (one.attributes or {})["http.response.status_code"]) for one in exporter.get_finished_spans()]


def test_nothing_in_it_is_about_a_person(traced: RunningService, exporter: InMemorySpanExporter) -> None:
    """No path, query, address, browser, origin, id or receipt; and a page's own trace id is not taken up."""
    decision = traced.decision()
    exporter.clear()
    answer = traced.request(
        "POST",
        "/d/demo0001?somebody=1",
        json=decision,
        headers={"origin": PAGE, "traceparent": TRACEPARENT, "baggage": "who=somebody"},
    )
    traced.get(f"/console/records/{answer.json()['record']}?q=somebody", cookie="who=somebody")
    traced.request("BREW", "/d/demo0001")
    spans = "".join(one.to_json() for one in exporter.get_finished_spans())

    assert 3 == len(exporter.get_finished_spans())
    for secret in ("demo0001", VISITOR[0], AGENT, PAGE, decision["id"], answer.json()["record"], "somebody"):
        assert secret not in spans
    assert TRACEPARENT.split("-")[1] not in spans
    assert "BREW" not in spans
    assert {"telemetry.sdk.language", "host.name", "process.pid"}.isdisjoint(
        exporter.get_finished_spans()[0].resource.attributes
    )


def test_an_error_is_marked_and_its_words_are_not_told(exporter: InMemorySpanExporter) -> None:
    """What an exception says may be about a person."""
    import asyncio

    async def breaks(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("somebody@example.org")

    app = Traced(breaks, tracer_with(SimpleSpanProcessor(exporter), 1.0))
    scope = {"type": "http", "method": "GET", "path": "/x"}
    with pytest.raises(ValueError, match="somebody"):
        asyncio.run(app(scope, None, None))  # type: ignore[arg-type]
    (span,) = exporter.get_finished_spans()

    assert "ERROR" == span.status.status_code.name
    assert "somebody" not in span.to_json()


def test_a_commit_is_a_span_with_its_size(exporter: InMemorySpanExporter) -> None:
    """How many answers shared it, how long it took, and whether it failed."""
    tracer = tracer_with(SimpleSpanProcessor(exporter), 1.0)
    with tracer.start_as_current_span("somebody's request"):
        for well in (True, False):
            trace_commit(tracer, 2, 0.25, well=well)
    done, failed, _request = exporter.get_finished_spans()

    assert None is done.parent
    assert ("commit", {"askfirst.batch.size": 2}) == (done.name, dict(done.attributes or {}))
    assert 250_000_000 == (done.end_time or 0) - (done.start_time or 0)
    assert ("UNSET", "ERROR") == (done.status.status_code.name, failed.status.status_code.name)


def _commits() -> float:
    return REGISTRY.get_sample_value("askfirst_commit_seconds_count") or 0.0


def test_each_batch_of_the_writer_is_counted_and_a_span(home: Home, exporter: InMemorySpanExporter) -> None:
    """Those that failed are spans and no commits."""
    told = watching(tracer_with(SimpleSpanProcessor(exporter), 1.0))

    async def act() -> None:
        writer = GroupWriter(batches_of(home.settings.database), told=told)
        writer.start()
        await asyncio.gather(*(writer.record(sealed(home, number)) for number in (1, 2)))
        entry = looked(home)
        await writer.append(entry)
        with pytest.raises(Unavailable):
            await writer.append(entry)
        await asyncio.to_thread(writer.stop)

    before = _commits()
    asyncio.run(act())
    spans = exporter.get_finished_spans()

    assert 2 == _commits() - before
    assert [("UNSET", 2), ("UNSET", 1), ("ERROR", 1)] == [
        (span.status.status_code.name, (span.attributes or {})["askfirst.batch.size"]) for span in spans
    ]


def test_only_a_share_is_made(exporter: InMemorySpanExporter) -> None:
    """One in ten by default."""
    tracer = tracer_with(SimpleSpanProcessor(exporter), 0.1)
    for _ in range(2000):
        tracer.start_span("x").end()

    assert 100 < len(exporter.get_finished_spans()) < 320


def test_off_there_is_nothing_in_the_way(home: Home, service: RunningService) -> None:
    """The server gets the application itself, and the writer's connection no wrapper of traces."""
    assert tracer_of(home.settings) is None
    app: Any = server_config(service.node).app
    around = []
    while not isinstance(app, Application):
        around.append(type(app))
        app = app._app
    assert Traced not in around


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """Give the address of a receiver of OTLP over HTTP on loopback, and what it received."""
    received: list[ExportTraceServiceRequest] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have spans sent at once, and no tracer kept from an earlier test."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    tracing._tracer.cache_clear()


def _eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_collector_gets_them_over_otlp(home: Home, at_once: None) -> None:
    """From the server that the command runs, with a real receiver: requests and commits."""
    with collector() as (url, received):
        settings = home.settings.model_copy(update={"traces_url": url, "traces_share": 1.0})
        with serve(_with(home, settings)) as served:
            headers = {"origin": PAGE, "content-type": "text/plain"}
            answer = httpx.post(f"{served.url}/d/demo0001", content=served.body(1), headers=headers)

            def names() -> set[str]:
                spans = [
                    span
                    for one in received
                    for resource in one.resource_spans
                    for scope in resource.scope_spans
                    for span in scope.spans
                ]
                return {span.name for span in spans}

            _eventually(lambda: {"POST /d/{site}", "commit"} <= names())
    _shut_down(settings)

    assert 201 == answer.status_code, answer.text
    assert b"demo0001" not in b"".join(one.SerializeToString() for one in received)


def test_a_collector_that_is_away_holds_nothing_up(home: Home, at_once: None) -> None:
    """Answers are given as ever."""
    settings = home.settings.model_copy(update={"traces_url": "http://127.0.0.1:9/v1/traces", "traces_share": 1.0})
    with serve(_with(home, settings)) as served:
        begun = time.monotonic()
        answer = httpx.get(f"{served.url}/healthz")

        assert (200, True) == (answer.status_code, time.monotonic() - begun < 5)
    _shut_down(settings)


def test_without_the_extra_it_is_named(home: Home, at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    settings = home.settings.model_copy(update={"traces_url": "http://127.0.0.1:9/"})

    with pytest.raises(ConfigurationFault, match=r"askfirst\[tracing\]"):
        tracer_of(settings)


@pytest.mark.parametrize("url", ["grpc://x", "127.0.0.1:4318", "http://a b/", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """When the settings are read."""
    with pytest.raises(ConfigurationFault, match="ASKFIRST_TRACES_URL"):
        read_settings(file=None, traces_url=url)


def _with(home: Home, settings: Any) -> Home:
    from dataclasses import replace

    return replace(home, place=replace(home.place, settings=settings))


def _shut_down(settings: Any) -> None:
    """End the thread that sends, as the end of the process does."""
    tracer: Any = tracer_of(settings)
    tracer.span_processor.shutdown()
    tracing._tracer.cache_clear()
