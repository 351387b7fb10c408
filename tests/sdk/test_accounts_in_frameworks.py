"""Where a session is over, Flask and Django read the device's own choice too, and their mounts bring it back."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from flask import Flask
from werkzeug.test import Client

from askfirst_sdk import Askfirst
from askfirst_sdk.account_cookies import AccountCookies
from askfirst_sdk.accounts import Accounts
from askfirst_sdk.flask import AskfirstExtension, current_consent
from askfirst_sdk.mount import Mount
from sdk.mounted import HOST, NAME, SITE
from support.served import Served

KEY = "a secret of the website, of 32 bytes or more"


@pytest.fixture(scope="module")
def cookies(reader: Askfirst, web_token: str) -> str:
    """Give the Cookie header of a device that refused, on which somebody who accepts elsewhere is signed in."""
    yes, no = (reader.record(one, token=web_token, language="en", timeout=30).receipt for one in (["measurement"], []))
    accounts = Accounts(reader, key=KEY, token=web_token, of=lambda _: None)
    browser = AccountCookies(reader).browser({"host": HOST, "cookie": f"{NAME}={no}"}, "https", None)
    written, notice = AccountCookies(reader).entered(browser, accounts.pseudonym("alice"), yes, 86_400)
    assert notice
    return "; ".join(one.partition(";")[0] for one in written)


def test_flask(reader: Askfirst, web_token: str, cookies: str) -> None:
    """The extension takes the accounts of its mount."""
    accounts = Accounts(reader, key=KEY, token=web_token, of=lambda environ: environ.get("HTTP_X_USER"))
    app = Flask(__name__)
    AskfirstExtension(reader, app, mount=Mount(reader, token=web_token, accounts=accounts))
    app.add_url_rule("/", view_func=lambda: str(current_consent().allows("measurement")))
    client = Client(app, use_cookies=False)

    def ask(path: str, user: str | None) -> tuple[str, list[str]]:
        headers = {"Host": HOST, "Cookie": cookies, **({} if user is None else {"X-User": user})}
        answer = client.get(path, headers=headers, base_url=f"https://{HOST}")
        return answer.text, [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")]

    assert ["True", "False", "False"] == [ask("/", user)[0] for user in ("alice", "bob", None)]
    assert [] == ask("/askfirst/settings", "alice")[1]
    assert [NAME, f"{NAME}-aside"] == ask("/askfirst/settings", None)[1]


DJANGO = """
import io, json, sys
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
given = json.loads(sys.argv[1])
settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="x", ROOT_URLCONF="__main__",
    MIDDLEWARE=["askfirst_sdk.django.middleware.AskfirstMiddleware"],
    ASKFIRST={"site": given["site"], "service_url": given["url"], "mount": {"token": given["token"]},
              "accounts": {"key": given["key"], "token": given["token"],
                           "of": lambda request: request.META.get("HTTP_X_USER")}},
)
django.setup()
urlpatterns = [path("", lambda request: HttpResponse(str(request.consent.allows("measurement"))))]
app = get_wsgi_application()
from askfirst_sdk.django import askfirst
askfirst().want_policy()
assert askfirst().ready(30)

def ask(where, user):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": where, "SERVER_NAME": given["host"], "SERVER_PORT": "443",
               "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(), "HTTP_HOST": given["host"],
               "HTTP_COOKIE": given["cookies"], **({} if user is None else {"HTTP_X_USER": user})}
    began = []
    body = b"".join(app(environ, lambda status, headers: began.append(headers))).decode()
    return body, [value.partition("=")[0] for name, value in began[0] if name == "Set-Cookie"]

print(json.dumps([[ask("/", user)[0] for user in ("alice", "bob", None)],
                  ask("/askfirst/settings", "alice")[1], ask("/askfirst/settings", None)[1]]))
askfirst().close()
"""


def test_django(web_service: Served, web_token: str, cookies: str) -> None:
    """By its settings; both cookies go out, though Django's headers hold one of each name."""
    given = {"site": SITE, "url": web_service.url, "token": web_token, "key": KEY, "host": HOST, "cookies": cookies}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(DJANGO), json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=dict(os.environ),
    )

    assert done.returncode == 0, done.stderr
    assert [["True", "False", "False"], [], [NAME, f"{NAME}-aside"]] == json.loads(done.stdout)
