"""The demo website: it measures only where consent was given, and shows what its measurement receives."""

import json
from collections import deque
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from askfirst_sdk.client import Askfirst
from askfirst_sdk.starlette import AskfirstMiddleware, consent_of
from askfirst_sdk.tags import embed_tag, script_tag

SITE_KEY = "demo"
PURPOSE = "measurement"
_KEPT = 200
_MAX_EVENT_BYTES = 4096


def build_site(askfirst: Askfirst, service_url: str) -> Starlette:
    """Return the website, whose banner and receipts come from the service at `service_url`."""
    pages = Environment(loader=PackageLoader("askfirst.demo"), autoescape=select_autoescape())
    # What the measurement sent, newest first. Owned by the event loop; only for the page that shows it.
    arrived: deque[dict[str, str]] = deque(maxlen=_KEPT)
    measure = (files("askfirst") / "static" / "demo" / "measure.js").read_bytes()
    style = (files("askfirst.demo") / "site.css").read_bytes()

    def page(name: str, title: str) -> Route:
        path = "/" if name == "home" else f"/{name}"

        async def show(request: Request) -> HTMLResponse:
            consent = consent_of(request)
            tag = script_tag(
                consent,
                PURPOSE,
                src="/measure.js",
                attributes={"defer": True, "data-endpoint": "/event", "data-domain": "demo.example"},
            )
            language = "de" if name == "de" else "en"
            body = pages.get_template(f"{name}.html").render(
                title=title,
                name=name,
                language=language,
                banner=embed_tag(service_url, SITE_KEY, language if language == "de" else None),
                tag=tag,
                consent=consent,
                measured=consent.allows(PURPOSE),
                why=consent.why(PURPOSE),
                arrived=list(arrived),
            )
            return HTMLResponse(body, headers={"Content-Security-Policy": _policy(service_url)})

        return Route(path, show, name=name)

    async def event(request: Request) -> Response:
        body = await request.body()
        try:
            sent = json.loads(body[:_MAX_EVENT_BYTES])
            arrived.appendleft({"name": str(sent["n"])[:40], "path": urlsplit(str(sent["u"])).path[:80]})
        except (ValueError, KeyError, TypeError):
            return Response("An event is JSON with n and u.\n", 400, media_type="text/plain")
        return Response("ok", 202, media_type="text/plain")

    async def events(_request: Request) -> JSONResponse:
        return JSONResponse(list(arrived), headers={"Cache-Control": "no-store"})

    async def script(_request: Request) -> Response:
        return Response(measure, media_type="text/javascript", headers={"Cache-Control": "public, max-age=300"})

    async def stylesheet(_request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})

    return Starlette(
        routes=[
            page("home", "A website that asks first"),
            page("tides", "On tides"),
            page("privacy", "Privacy"),
            page("de", "Eine Website, die zuerst fragt"),
            page("arrived", "What the measurement received"),
            Route("/event", event, methods=["POST"]),
            Route("/events", events),
            Route("/measure.js", script),
            Route("/site.css", stylesheet),
        ],
        middleware=[Middleware(AskfirstMiddleware, askfirst=askfirst)],
    )


def _policy(service_url: str) -> str:
    """Return a strict content security policy: the banner has to work under the strictest that sites use."""
    return (
        f"default-src 'none'; script-src 'self' {service_url}; connect-src 'self' {service_url}; style-src 'self';"
        " img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'"
    )
