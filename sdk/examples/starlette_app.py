"""A website with Starlette."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount as At
from starlette.routing import Route

from askfirst_sdk import Askfirst
from askfirst_sdk.mount import AsgiMount, Mount
from askfirst_sdk.starlette import AskfirstMiddleware, page_of

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
mount = Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN"))
mounted = AsgiMount(mount)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    """Refresh keys in a task of this event loop, and close the connections to the service at the end."""
    async with askfirst.refreshing():
        yield
    await mounted.aclose()


async def home(request: Request) -> HTMLResponse:
    """Show a page that measures where it may."""
    page = page_of(request, language="en")
    return HTMLResponse(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}{page.script("measurement", src="/measure.js", attributes={"defer": True})}</head>
<body><h1>Shop</h1><p>Measured: {page.consent.allows("measurement")}</p><p>{page.settings_link()}</p>
{page.banner()}</body></html>"""
    )


app = Starlette(
    routes=[Route("/", home), At("/askfirst", mounted)],
    lifespan=lifespan,
    middleware=[Middleware(AskfirstMiddleware, askfirst=askfirst, mount=mount.path)],
)
