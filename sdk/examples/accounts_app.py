"""A website with Starlette whose visitors can sign in: their choice then counts on each of their devices."""

import os
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Mount as At
from starlette.routing import Route

from askfirst_sdk import Askfirst
from askfirst_sdk.accounts import Accounts
from askfirst_sdk.mount import AsgiMount, Mount
from askfirst_sdk.starlette import AskfirstMiddleware, page_of

TOKEN = os.environ["ASKFIRST_TOKEN"]

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])
accounts = Accounts(
    askfirst,
    key=os.environ["ACCOUNTS_KEY"],
    token=TOKEN,
    of=lambda scope: scope["session"].get("user"),
)
mount = Mount(askfirst, token=TOKEN, accounts=accounts)


async def home(request: Request) -> HTMLResponse:
    """Show a page that measures where it may, and who is signed in."""
    page = page_of(request, language="en")
    user = request.session.get("user")
    notice = page.account_notice() if request.session.pop("tell", False) else ""
    form = (
        '<form method="post" action="/out"><button>Sign out</button></form>'
        if user
        else '<form method="post" action="/in"><label>Name <input name="user"></label><button>Sign in</button></form>'
    )
    return HTMLResponse(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{page.embed()}{page.script("measurement", src="/measure.js", attributes={"defer": True})}</head>
<body><h1>Shop</h1>{notice}<p>Measured: {page.consent.allows("measurement")}</p>{form}<p>{page.settings_link()}</p>
{page.banner()}</body></html>"""
    )


async def sign_in(request: Request) -> RedirectResponse:
    """Sign somebody in. A real website asks for more than a name."""
    user = parse_qs((await request.body()).decode()).get("user", ["somebody"])[0]
    signed_in = await accounts.signed_in_async(user, request.headers, scheme=request.url.scheme)
    request.session.update(user=user, tell=signed_in.notice)
    answer = RedirectResponse("/", 303)
    for cookie in signed_in.cookies:
        answer.headers.append("Set-Cookie", cookie)
    return answer


async def sign_out(request: Request) -> RedirectResponse:
    """Sign out, and bring back what this device had answered by itself."""
    request.session.clear()
    answer = RedirectResponse("/", 303)
    for cookie in accounts.signed_out(request.headers, scheme=request.url.scheme):
        answer.headers.append("Set-Cookie", cookie)
    return answer


app = Starlette(
    routes=[
        Route("/", home),
        Route("/in", sign_in, methods=["POST"]),
        Route("/out", sign_out, methods=["POST"]),
        At("/askfirst", AsgiMount(mount)),
    ],
    middleware=[
        Middleware(SessionMiddleware, secret_key=os.environ["SESSION_KEY"]),
        Middleware(AskfirstMiddleware, askfirst=askfirst, mount=mount.path, accounts=accounts),
    ],
)
