"""OpenTelemetry traces, where somebody wants them: which route took how long and ended how, and nothing of a person.

No path, no address, no browser and no id is in a span, and no trace that a page began is taken up: its id would name
the visitor. Without a collector in the settings nothing of this is in any request's way.
"""

import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings
from askfirst.web.metrics import STRAIGHT
from askfirst.web.scripts import Receive, Scope, Send

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
else:
    Tracer = Any

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def tracer_of(settings: Settings) -> Tracer | None:
    """Return what makes spans, one for the whole process; None where the settings name no collector.

    Raises ConfigurationFault where the extra `tracing` is not installed.
    """
    return _tracer(settings.traces_url, settings.traces_share) if settings.traces_url else None


@cache
def _tracer(url: str, share: float) -> Tracer:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ModuleNotFoundError:
        said = "names a collector, and what speaks to one is not installed: pip install 'askfirst[tracing]'"
        raise ConfigurationFault([("ASKFIRST_TRACES_URL", said)]) from None
    return tracer_with(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)), share)


def tracer_with(processor: Any, share: float) -> Tracer:
    """Return what makes spans and hands them to an OpenTelemetry span processor; only this `share` of them is made."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415

    resource = Resource({"service.name": "askfirst", "service.version": version("askfirst")})
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(share))
    provider.add_span_processor(processor)
    return provider.get_tracer("askfirst")


class Traced:
    """An application with a span for each request."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Any], tracer: Tracer) -> None:
        """Take the application, and what makes spans."""
        self._app, self._tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request inside a span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def told(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        with self._tracer.start_as_current_span(
            "request", record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await self._app(scope, receive, told)
            finally:
                route, method = _route(scope), scope["method"] if scope["method"] in _METHODS else "_OTHER"
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                if status >= 500 or not status:
                    from opentelemetry.trace import StatusCode  # noqa: PLC0415

                    span.set_status(StatusCode.ERROR)


def trace_commit(tracer: Tracer, works: int, seconds: float, *, well: bool) -> None:
    """Make the span of a commit that ended now: how many shared it, and whether it failed."""
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    ended = time.time_ns()
    began, size = ended - int(seconds * 1e9), {"askfirst.batch.size": works}
    # No request's child: it is the commit of many.
    span = tracer.start_span("commit", context=Context(), start_time=began, attributes=size)
    if not well:
        span.set_status(StatusCode.ERROR)
    span.end(ended)


def _route(scope: Scope) -> str:
    """Return the pattern of the route that was taken, never the path: that may name somebody."""
    route = scope.get("route")
    if isinstance(route, Route):
        return route.path
    return STRAIGHT.get(scope["path"][:3], "none")
