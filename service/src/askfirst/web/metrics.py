"""What Prometheus may read: how much, how fast, how long the queue is, how old the last checkpoint; nobody's name."""

import asyncio
import ipaddress
import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from askfirst.core.errors import Forbidden

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# With several workers each has a file of its own there, and whoever is asked adds them up (prometheus_client's way).
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

# What goes straight to its endpoint (app.Application), by how its path begins: the pattern that it is counted under.
STRAIGHT: Final = {"/d/": "/d/{site}", **{f"/{first}/": f"/{first}/{{path:path}}" for first in "sbfcp"}}

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REGISTRY: Final = CollectorRegistry()
_REQUESTS = Counter("askfirst_requests", "Answered requests.", ("route", "status"), registry=REGISTRY)
_LATENCY = Histogram(
    "askfirst_request_seconds", "From a request to its answer.", ("route",), buckets=_SECONDS, registry=REGISTRY
)
_REFUSALS = Counter("askfirst_refusals", "Refused requests, by the code of the problem.", ("code",), registry=REGISTRY)
_BATCHES = Histogram(
    "askfirst_batch_size",
    "Decisions that shared a commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 512),
    registry=REGISTRY,
)
_COMMITS = Histogram("askfirst_commit_seconds", "Duration of a commit.", buckets=_SECONDS, registry=REGISTRY)
_QUEUE = Gauge(
    "askfirst_queue_length",
    "Answers that wait for a commit.",
    ("database",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
_DATABASE = Gauge(
    "askfirst_database_up",
    "Whether a database of the directory answered when it was last asked.",
    ("database",),
    registry=REGISTRY,
    multiprocess_mode="livemin",
)
_CHECKPOINT = Gauge(
    "askfirst_checkpoint_age_seconds",
    "Since a log that grew had its last checkpoint; 0 where every entry is under one.",
    ("log",),
    registry=REGISTRY,
    multiprocess_mode="livemax",
)

_EXPORT_FAILURES = Gauge(
    "askfirst_daily_export_failures",
    "Attempts of the daily export that failed since the last that did not.",
    ("log",),
    registry=REGISTRY,
    multiprocess_mode="livemax",
)
_EXPORT_BEHIND = Gauge(
    "askfirst_daily_export_days_behind",
    "Days that are over and that the daily export has not written.",
    ("log",),
    registry=REGISTRY,
    multiprocess_mode="livemax",
)


# Counting in plain numbers and handing them on later takes a fifth of what Prometheus's own counters take each time.
_TOLD_S: Final = 1.0
_METERS: Final[list["RouteMeter"]] = []


class RouteMeter:
    """Counts the answers of one route, and tells Prometheus of them a second later or when it asks."""

    def __init__(self, route: str) -> None:
        """Take the route's pattern, never a path with its values: those can name somebody."""
        self._route = route
        self._latency = _LATENCY.labels(route)
        self._told = True
        self._statuses: Tally[int] = Tally()
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._seconds = 0.0
        _METERS.append(self)

    def answered(self, status: int, seconds: float) -> None:
        """Count one answer. Called from the event loop only."""
        self._statuses[status] += 1
        self._buckets[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds
        if self._told:
            self._told = False
            asyncio.get_running_loop().call_later(_TOLD_S, self.tell)

    def tell(self) -> None:
        """Hand on what was counted since the last time."""
        if self._told:
            return
        for status, count in self._statuses.items():
            _REQUESTS.labels(self._route, str(status)).inc(count)
        # The library observes one at a time; this is what it does then, for many.
        for bucket, count in zip(self._latency._buckets, self._buckets, strict=True):
            if count:
                bucket.inc(count)
        self._latency._sum.inc(self._seconds)
        self._statuses.clear()
        self._buckets = [0] * len(self._buckets)
        self._seconds, self._told = 0.0, True


def refused(code: str) -> None:
    """Count a refusal."""
    _REFUSALS.labels(code).inc()


def committed(size: int, seconds: float) -> None:
    """Count a batch of `size` that was committed."""
    _BATCHES.observe(size)
    _COMMITS.observe(seconds)


def note_queue(database: str, length: int) -> None:
    """Note how many answers wait for a database."""
    _QUEUE.labels(database).set(length)


def note_database(database: str, reachable: bool) -> None:
    """Note whether a database answers."""
    _DATABASE.labels(database).set(1 if reachable else 0)


def note_checkpoint_age(slug: str, seconds: float) -> None:
    """Note for how long an organisation's log has had entries without a checkpoint."""
    _CHECKPOINT.labels(slug).set(seconds)


def note_daily_export(slug: str, failures: int, behind: int) -> None:
    """Note how an organisation's daily export is."""
    _EXPORT_FAILURES.labels(slug).set(failures)
    _EXPORT_BEHIND.labels(slug).set(behind)


class MetricsPage:
    """GET /metrics, for the networks that may read it."""

    def __init__(self, networks: Sequence[Network]) -> None:
        """Take the networks of who may ask."""
        self._networks = tuple(networks)

    async def show(self, request: Request) -> Response:
        """Answer with everything that was counted."""
        if not self._may_ask(request.client.host if request.client else ""):
            raise Forbidden("Metrics are for the networks in ASKFIRST_METRICS_NETWORKS.")
        for meter in _METERS:
            meter.tell()
        return Response(
            generate_latest(_gathered()), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
        )

    def _may_ask(self, host: str) -> bool:
        try:
            address: Any = ipaddress.ip_address(host)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)


def _gathered() -> CollectorRegistry:
    if SHARED_FOLDER not in os.environ:
        return REGISTRY
    _forget_dead(Path(os.environ[SHARED_FOLDER]))
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _forget_dead(folder: Path) -> None:
    """Take the gauges of workers away that died; what they counted stays.

    The last that one of them said, of a checkpoint's age say, is no longer so, and would stay as long as the service.
    """
    for file in folder.glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if not _lives(int(process)):
            file.unlink(missing_ok=True)  # another worker may be asked at the same time


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
