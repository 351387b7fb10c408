"""How uvicorn runs a node: in this process, or in several that share one listening socket."""

import gc
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from askfirst.app import build_app
from askfirst.databases import Database, read_databases
from askfirst.logs import configure_logs
from askfirst.node import Node
from askfirst.randomness import SystemRandomness, system_clock
from askfirst.settings import Settings, read_settings
from askfirst.several import SeveralDatabases
from askfirst.tracing import Traced, tracer_of
from askfirst.web.connections import BoundedProtocol
from askfirst.web.forwarded import LOOPBACK, Forwarded, require_proxies
from askfirst.web.forwarded import SETTING as FORWARDED
from askfirst.web.metrics import SHARED_FOLDER
from askfirst.web.whereabouts import PeerKept

LEAVE_S: Final = 3.0
BACKLOG: Final = 2048  # connections that may wait to be accepted


@dataclass(frozen=True, slots=True)
class Service:
    """The opened service of one process: its application, and a way to let go of its databases before it runs."""

    settings: Settings
    app: Any
    dispose: Callable[[], None]


def open_service(databases: Sequence[Database], settings: Settings) -> Service:
    """Open every database with a node, and join them to one application. Raises what stands against that."""
    require_proxies(os.environ.get(FORWARDED, LOOPBACK))  # now, and not in each of several workers
    if len(databases) == 1 and databases[0].organisations is None:
        return _service(Node(settings, clock=system_clock, random=SystemRandomness()))
    several = SeveralDatabases(databases, _open_node, settings)
    return Service(settings, several, several.dispose)


def _open_node(one: Database) -> Node:
    return Node(
        one.settings, clock=system_clock, random=SystemRandomness(), name=one.name, organisations=one.organisations
    )


def _service(node: Node) -> Service:
    return Service(node.settings, build_app(node), node.engine.dispose)


def server_config(node: Node) -> uvicorn.Config:
    """Return how uvicorn runs a node in this process."""
    return config_of(_service(node))


def config_of(service: Service) -> uvicorn.Config:
    """Return how uvicorn runs an opened service in this process."""
    return uvicorn.Config(_settled_app(service), **_options(service.settings))


def serve_with_workers(settings: Settings, listener: socket.socket) -> None:
    """Run as many processes as the settings say until this one is told to stop; one that died is replaced."""
    config = uvicorn.Config(
        "askfirst.serving:worker",
        factory=True,
        workers=settings.workers,
        # A process that died is noticed at once. One that is silent is often only slow to start: killed for that after
        # five seconds, as by default, it would be started for ever on a busy machine.
        timeout_worker_healthcheck=30,
        **_options(settings),
    )
    with tempfile.TemporaryDirectory(prefix="askfirst-metrics-") as shared:
        os.environ[SHARED_FOLDER] = shared
        Multiprocess(config, sockets=[listener]).run()


def leave_soon() -> None:
    """End the process for certain in a moment, now that all is done: a thread that waits for a database keeps it."""
    end = threading.Timer(LEAVE_S, os._exit, (0,))
    end.daemon = True
    end.start()


def _leaving(app: Any) -> Any:
    """Return an application that ends its process soon after its lifespan."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if scope["type"] == "lifespan":
            leave_soon()

    return serve


def worker() -> Any:
    """Return the application of one of several processes, each with nodes of its own."""
    settings = read_settings()
    configure_logs(settings.log_format)
    return _leaving(_settled_app(open_service(read_databases(settings), settings)))


def _settled_app(service: Service) -> Any:
    """Return the service's application, and set the interpreter up for its work."""
    # The writer's thread waits for the interpreter lock after each commit; the default of 5 ms would be its pace.
    sys.setswitchinterval(0.0005)
    tracer = tracer_of(service.settings)
    app = service.app if tracer is None else Traced(service.app, tracer)
    # What is here by now stays as long as the process: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    believed = Forwarded(app, os.environ.get(FORWARDED, LOOPBACK))
    # The forwarded address takes the place of the proxy's own, which the header of a country is believed of.
    return PeerKept(believed) if service.settings.country_header else believed


def _options(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's options: no access log, since it would write addresses of visitors."""
    return {
        "http": BoundedProtocol,
        "proxy_headers": False,  # web.forwarded does it
        "access_log": False,
        "log_config": None,
        # Below it uvicorn would make a line for each connection, with the address of who connects.
        "log_level": "warning",
        "server_header": False,
        "timeout_graceful_shutdown": 20,
        "timeout_keep_alive": 20,
        "limit_concurrency": settings.connections,
        "backlog": BACKLOG,
    }
