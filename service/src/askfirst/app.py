"""Compose the ASGI application: the node, the routes and what every answer carries."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from time import perf_counter
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from askfirst.core.errors import LedgerFault, Problem, Unavailable, Unforeseen
from askfirst.node import Node
from askfirst.usecases.statements import CONTEXT_PATH
from askfirst.web.accounts import AccountEndpoint
from askfirst.web.alert_api import alert_routes
from askfirst.web.audit_api import audit_routes
from askfirst.web.bearer_door import BearerDoor
from askfirst.web.console.addresses import CALLBACK, HOME, START
from askfirst.web.console.assets import AssetEndpoint
from askfirst.web.console.frame import Frame
from askfirst.web.console.openid import OpenIdPages
from askfirst.web.console.pages import console_routes
from askfirst.web.console.refusals import is_console, refusal
from askfirst.web.console.session_door import SessionDoor
from askfirst.web.console.sign_in import SignInPages
from askfirst.web.decisions import DecisionEndpoint
from askfirst.web.declarations import DeclarationEndpoint
from askfirst.web.erasure_api import erasure_routes
from askfirst.web.export_api import export_routes
from askfirst.web.hold_api import hold_routes
from askfirst.web.limits import AddressLimit, SignInLimit
from askfirst.web.live import Live
from askfirst.web.log_files import LogFiles
from askfirst.web.metrics import STRAIGHT, MetricsPage, RouteMeter
from askfirst.web.openapi import ADDRESS as OPENAPI
from askfirst.web.openapi import openapi_document, openapi_response
from askfirst.web.picture_api import picture_routes
from askfirst.web.policies import PolicyEndpoint
from askfirst.web.policy_api import policy_routes
from askfirst.web.problems import problem_of, problem_response
from askfirst.web.publications import Publications
from askfirst.web.retention_api import retention_routes
from askfirst.web.scripts import Receive, Scope, ScriptEndpoint, Send, send_problem
from askfirst.web.server_decisions import server_decision_routes
from askfirst.web.showings import ShowingEndpoint
from askfirst.web.staff_routes import StaffRoute, require_declared, staff_routes
from askfirst.web.standing import StandingEndpoint
from askfirst.web.statistics_api import statistics_routes
from askfirst.web.webhook_api import webhook_routes

log = logging.getLogger("askfirst")

Straight = Callable[[Scope, Receive, Send], Awaitable[int]]

VERSION: Final = version("askfirst")
_DECIDE: Final = "/d/"

# The addresses that anybody may open. Every other one has to declare a role and a ledger entry.
PUBLIC: Final = frozenset(
    {
        "/",
        "/console/",
        "/d/{site}",
        "/n/{site}",
        "/v/{site}",
        "/a/{site}",
        "/r/{site}",
        "/s/{path:path}",
        "/b/{path:path}",
        "/f/{path:path}",
        "/c/{path:path}",
        "/declaration/{site}/{language}.json",
        "/p/{site}/{digest}.json",
        "/p/{site}.json",
        "/descriptor/{site}",
        "/log/{slug}/keys",
        "/log/{slug}/jwks.json",
        "/log/{slug}/checkpoint",
        "/log/{slug}/tile/{path:path}",
        "/log/{slug}/proof/inclusion",
        "/log/{slug}/proof/consistency",
        "/schema/policy/1",
        "/schema/site-file/1",
        CONTEXT_PATH,
        "/problems/{code}",
        OPENAPI,
        "/.well-known/gpc.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/console/sign-in",
        START,
        CALLBACK,
        "/console/link/{secret}",
        "/console/assets/{path:path}",
    }
)


class Application(Starlette):
    """The service. What every visitor's browser asks goes straight to its endpoint: what else was on the way cost a
    tenth."""

    def __init__(
        self, decisions: DecisionEndpoint, scripts: ScriptEndpoint, policies: PolicyEndpoint, **given: Any
    ) -> None:
        """Take the endpoints of decisions, scripts and policies, which are among the routes too, and what Starlette
        takes.
        """
        super().__init__(**given)
        # Starlette sends `/d/KEY/` on to an address that it makes of the Host header, and of http behind a proxy.
        self.router.redirect_slashes = False
        self._meters: dict[str, RouteMeter] = {}
        endpoints: dict[str, Straight] = {_DECIDE: decisions, "/p/": policies}
        self._straight: dict[str, tuple[Straight, RouteMeter]] = {
            prefix: (endpoints.get(prefix, scripts), self._meter(pattern)) for prefix, pattern in STRAIGHT.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and count it, or run the lifespan."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        begun, path = perf_counter(), scope["path"]
        found = self._straight.get(path[:3])
        if found is None or (path.startswith(_DECIDE) and (len(path) == len(_DECIDE) or "/" in path[len(_DECIDE) :])):
            await self._by_route(begun, scope, receive, send)
            return
        endpoint, meter = found
        status = 0
        try:
            status = await endpoint(scope, receive, send)
        except Exception:
            # As Starlette does it: the caller is told, and the server writes what it was into the log.
            status = await send_problem(send, Unforeseen())
            raise
        finally:
            meter.answered(status, perf_counter() - begun)

    async def _by_route(self, begun: float, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what Starlette finds the route of."""
        status = 0

        async def counted(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if scope["path"].endswith("\n"):
            # The patterns of routes end in `$`, which lets it pass: a second spelling of every address.
            scope = {**scope, "path": f"{scope['path']}/"}
        try:
            await super().__call__(scope, receive, counted)
        finally:
            route = scope.get("route")
            # What has no route counts as one.
            meter = self._meter(route.path if isinstance(route, Route) else "none")
            meter.answered(status, perf_counter() - begun)

    def _meter(self, pattern: str) -> RouteMeter:
        """Return the meter of a route."""
        meter = self._meters.get(pattern)
        if meter is None:
            meter = self._meters[pattern] = RouteMeter(pattern)
        return meter


def build_app(node: Node) -> Application:
    """Return the application of an opened node; its lifespan starts and ends the node's work.

    Raises ConfigurationFault where an address is neither public nor declared for staff.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await node.open()
        try:
            yield
        finally:
            await node.close()

    frame = Frame(node.live)
    live = node.live
    decisions = DecisionEndpoint(live, node.limit)
    scripts = ScriptEndpoint(lambda: live.current.scripts, lambda: live.directory)
    policies = PolicyEndpoint(lambda: live.directory)
    guarded = declared_routes(node.live, frame)
    # Routes are tried in turn, and programs ask most.
    api = [route for route in guarded if route.path.startswith("/api/")]
    console = [route for route in guarded if route not in api]
    routes = [*api, *public_routes(node, frame, decisions, scripts, policies), *console]
    require_declared(routes, PUBLIC)

    async def on_error(request: Request, error: Exception) -> Response:
        if isinstance(error, LedgerFault):
            log.critical("%s %s: %s", request.method, request.scope["route"].path, error)
        away = isinstance(error, SQLAlchemyError)
        problem = Unavailable(5, "the database can not be reached") if away else problem_of(error)
        return (
            refusal(frame, request, problem)
            if is_console(request)
            else problem_response(problem, request.scope["path"])
        )

    return Application(
        decisions,
        scripts,
        policies,
        routes=routes,
        lifespan=lifespan,
        exception_handlers=dict.fromkeys((Problem, HTTPException, SQLAlchemyError, LedgerFault, Exception), on_error),
    )


def public_routes(
    node: Node, frame: Frame, decisions: DecisionEndpoint, script: ScriptEndpoint, policies: PolicyEndpoint
) -> list[BaseRoute]:
    """Return the routes that anybody may open."""
    live = node.live
    views = ShowingEndpoint(live, node.showings, AddressLimit(node.settings.rate_per_minute))
    publications, log_files = Publications(live, decisions.mounts), LogFiles(live)
    sign_in, openid = SignInPages(live, frame, SignInLimit()), OpenIdPages(live, SignInLimit())
    document = openapi_document(api_routes(live), version=VERSION, public_url=live.public_url)
    return [
        Route("/", _to_console),
        Route("/console/", _to_console),
        Route("/d/{site}", decisions),
        Route("/n/{site}", views.shown, methods=["POST"]),
        Route("/v/{site}", StandingEndpoint(live, decisions.limit).standing, methods=["POST"]),
        Route("/a/{site}", AccountEndpoint(live, decisions.mounts).choice, methods=["POST"]),
        Route("/r/{site}", publications.region, methods=["GET"]),
        Route("/s/{path:path}", script),
        Route("/b/{path:path}", script),
        Route("/f/{path:path}", script),
        Route("/c/{path:path}", script),
        Route("/declaration/{site}/{language}.json", DeclarationEndpoint(live)),
        Route("/p/{site}/{digest}.json", policies),
        Route("/p/{site}.json", policies),
        Route("/descriptor/{site}", publications.descriptor),
        Route("/log/{slug}/keys", publications.keys),
        Route("/log/{slug}/jwks.json", publications.jwks),
        Route("/log/{slug}/checkpoint", publications.checkpoint),
        Route("/log/{slug}/tile/{path:path}", log_files.tile),
        Route("/log/{slug}/proof/inclusion", log_files.inclusion),
        Route("/log/{slug}/proof/consistency", log_files.consistency),
        Route("/schema/policy/1", publications.policy_schema),
        Route("/schema/site-file/1", publications.site_file_schema),
        Route(CONTEXT_PATH, publications.statement_context),
        Route("/problems/{code}", publications.problem),
        Route(OPENAPI, openapi_response(document)),
        Route("/.well-known/gpc.json", publications.privacy_control),
        Route("/healthz", publications.health),
        Route("/readyz", publications.ready),
        Route("/metrics", MetricsPage(node.settings.metric_readers).show),
        Route("/console/sign-in", sign_in.form, methods=["GET"]),
        Route("/console/sign-in", sign_in.sign_in, methods=["POST"]),
        Route(START, openid.start, methods=["GET"]),
        Route(CALLBACK, openid.callback, methods=["GET"]),
        Route("/console/link/{secret}", sign_in.invitation, methods=["GET"]),
        Route("/console/link/{secret}", sign_in.accept, methods=["POST"]),
        Route("/console/assets/{path:path}", AssetEndpoint(), methods=["GET"]),
    ]


def api_routes(live: Live) -> list[StaffRoute]:
    """Return the addresses of the API."""
    return [
        *audit_routes(live),
        *alert_routes(live),
        *erasure_routes(live),
        *export_routes(live),
        *hold_routes(live),
        *retention_routes(live),
        *statistics_routes(live),
        *webhook_routes(live),
        *server_decision_routes(live),
        *policy_routes(live),
        *picture_routes(live),
    ]


def declared_routes(live: Live, frame: Frame) -> list[Route]:
    """Return the routes for staff: programs with a token, and people in the console."""
    return [
        *staff_routes(live, BearerDoor(live), api_routes(live)),
        *staff_routes(live, SessionDoor(live), console_routes(live, frame)),
    ]


async def _to_console(_request: Request) -> Response:
    """GET / and GET /console/: whoever comes by hand wants the console."""
    return RedirectResponse(HOME, 303)
