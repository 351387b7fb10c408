"""Compose the ASGI application: the node, the routes and what every answer carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from askfirst.core.errors import Problem
from askfirst.node import Node
from askfirst.web.audit_api import audit_routes
from askfirst.web.decisions import DecisionEndpoint
from askfirst.web.limits import AddressLimit
from askfirst.web.problems import on_http_error, on_problem
from askfirst.web.publications import Publications
from askfirst.web.scripts import ScriptEndpoint
from askfirst.web.staff_routes import staff_routes


def build_app(node: Node) -> Starlette:
    """Return the application of an opened node; its lifespan starts and ends the node's work."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await node.open()
        try:
            yield
        finally:
            await node.close()

    live = node.live
    publications = Publications(live)
    script = ScriptEndpoint(lambda: live.current.scripts, lambda: live.directory)
    routes = [
        Route("/d/{site}", DecisionEndpoint(live, AddressLimit(node.settings.rate_per_minute))),
        Route("/s/{path:path}", script),
        Route("/b/{path:path}", script),
        Route("/p/{site}/{digest}.json", publications.policy),
        Route("/p/{site}.json", publications.current_policy),
        Route("/descriptor/{site}", publications.descriptor),
        Route("/log/{slug}/keys", publications.keys),
        Route("/log/{slug}/jwks.json", publications.jwks),
        Route("/log/{slug}/checkpoint", publications.checkpoint),
        Route("/schema/policy/1", publications.policy_schema),
        Route("/problems/{code}", publications.problem),
        Route("/healthz", publications.health),
        *staff_routes(live, audit_routes(live)),
    ]
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={Problem: on_problem, HTTPException: on_http_error},
    )
