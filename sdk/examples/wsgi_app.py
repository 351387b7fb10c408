"""A website with nothing but WSGI. The tag is put into the head by the middleware."""

import os
from collections.abc import Iterable
from typing import Any

from askfirst_sdk import Askfirst
from askfirst_sdk.inject import Snippets
from askfirst_sdk.mount import Mount, WsgiMount
from askfirst_sdk.page import Page
from askfirst_sdk.wsgi import ConsentMiddleware, InjectionMiddleware, consent_of

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
mount = Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN"))


def pages(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Show the one page that there is."""
    page = Page(askfirst, consent_of(environ), mount=mount.path, language="en", path=environ["PATH_INFO"])
    body = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}</head>
<body><h1>Shop</h1><p>Measured: {page.consent.allows("measurement")}</p><p>{page.settings_link()}</p>
{page.banner()}</body></html>""".encode()
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]


snippets = Snippets({"measurement": '<script data-purpose="measurement" src="/measure.js" defer></script>'})
app = WsgiMount(mount, ConsentMiddleware(InjectionMiddleware(pages, snippets), askfirst))
