"""A website with Litestar."""

import os
from typing import Any

from litestar import Litestar, Request, asgi, get
from litestar.enums import MediaType
from litestar.middleware import DefineMiddleware

from askfirst_sdk import Askfirst
from askfirst_sdk.litestar import AskfirstMiddleware, page_of
from askfirst_sdk.mount import AsgiMount, Mount

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
mount = Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN"))


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> str:
    """Show a page that measures where it may."""
    page = page_of(request, language="en")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}{page.script("measurement", src="/measure.js", attributes={"defer": True})}</head>
<body><h1>Shop</h1><p>Measured: {page.consent.allows("measurement")}</p><p>{page.settings_link()}</p>
{page.banner()}</body></html>"""


app = Litestar(
    route_handlers=[home, asgi("/askfirst", is_mount=True, copy_scope=True)(AsgiMount(mount).__call__)],
    middleware=[DefineMiddleware(AskfirstMiddleware, askfirst=askfirst, mount=mount.path)],
)
