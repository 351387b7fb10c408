"""A website with nothing but ASGI. The tag is put into the head by the middleware."""

import os
from typing import Any

from askfirst_sdk import Askfirst
from askfirst_sdk.asgi import ConsentMiddleware, InjectionMiddleware, consent_of_scope
from askfirst_sdk.inject import Snippets
from askfirst_sdk.mount import AsgiMount, Mount
from askfirst_sdk.page import Page

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
mount = Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN"))
mounted = AsgiMount(mount)


async def pages(scope: Any, _receive: Any, send: Any) -> None:
    """Show the one page that there is."""
    page = Page(askfirst, consent_of_scope(scope), mount=mount.path, language="en", path=scope["path"])
    body = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}</head>
<body><h1>Shop</h1><p>Measured: {page.consent.allows("measurement")}</p><p>{page.settings_link()}</p>
{page.banner()}</body></html>""".encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


snippets = Snippets({"measurement": '<script data-purpose="measurement" src="/measure.js" defer></script>'})
site = ConsentMiddleware(InjectionMiddleware(pages, snippets), askfirst)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request: the mount's own, or the site's."""
    below = scope["type"] == "http" and scope["path"].startswith("/askfirst/")
    if scope["type"] in ("http", "websocket"):
        await (mounted if below else site)(scope, receive, send)
