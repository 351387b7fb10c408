"""A website with FastAPI."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse

from askfirst_sdk import Askfirst, Consent
from askfirst_sdk.mount import AsgiMount, Mount
from askfirst_sdk.starlette import AskfirstMiddleware, consent_of, page_of

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
mount = Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN"))

app = FastAPI()
app.add_middleware(AskfirstMiddleware, askfirst=askfirst, mount=mount.path)
app.mount("/askfirst", AsgiMount(mount))


@app.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    """Show a page that measures where it may."""
    page = page_of(request, language="en")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}{page.script("measurement", src="/measure.js", attributes={"defer": True})}</head>
<body><h1>Shop</h1><p>Measured: {page.consent.allows("measurement")}</p><p>{page.settings_link()}</p>
{page.banner()}</body></html>"""


@app.get("/api/consent")
def consent(asked: Annotated[Consent, Depends(consent_of)]) -> dict[str, bool]:
    """Tell what this visitor allows: consent as a dependency."""
    return {"measurement": asked.allows("measurement")}
