"""Django beyond the example: asynchronous views, streams, HTML in the head, nonces, and mistakes said plainly."""

import subprocess
import sys
import textwrap

import pytest

# Django is set up once a process, so each case is a process of its own that prints what it saw.
SETUP = """
import asyncio, json
import django
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from askfirst_sdk.testing import PretendSite
SITE = PretendSite("demo0001")
settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="x", ROOT_URLCONF="__main__", INSTALLED_APPS=["askfirst_sdk.django"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    ASKFIRST={"site": "demo0001", "descriptor": SITE.descriptor,
              "inject": {"measurement": '<script nonce="{nonce}"></script>'},
              "region": lambda request: request.META.get("HTTP_X_PLACE")},
)
django.setup()
from askfirst_sdk.django.middleware import AskfirstMiddleware
YES = SITE.cookie("measurement")
PAGE = "<head></head>p"
def ask(view, cookie=YES, **meta):
    return AskfirstMiddleware(view)(RequestFactory().get("/", secure=True, HTTP_COOKIE=cookie, **meta))
"""


def seen(code: str) -> str:
    """Run a case and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SETUP + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pages_are_injected_marked_and_of_the_right_length() -> None:
    """Only for who allows it; with the nonce of the response's own policy; other content is left alone."""
    printed = seen(
        """
        def page(request):
            response = HttpResponse(PAGE, headers={"Content-Length": "14", "ETag": '"1"'})
            response["Content-Security-Policy"] = "script-src 'nonce-abc'"
            return response
        def data(request):
            return HttpResponse("{}", content_type="application/json", headers={"Cache-Control": "max-age=9"})
        yes, no, other = ask(page), ask(page, SITE.cookie()), ask(data)
        print(yes.content.decode(), yes["Content-Length"], yes["Cache-Control"], "ETag" in yes)
        print(no.content.decode(), no["Content-Length"], no["Cache-Control"])
        print(other.content.decode(), other["Cache-Control"])
        """
    )

    assert [
        '<head><script nonce="abc"></script></head>p 43 private, no-cache False',
        "<head></head>p 14 private, no-cache",
        "{} max-age=9",
    ] == printed.splitlines()


def test_streams_and_asynchronous_views_are_the_same() -> None:
    """A stream loses the length that would be untrue; a region is the project's own word."""
    printed = seen(
        """
        def stream(request):
            return StreamingHttpResponse(iter(["<head></he", "ad>p"]), headers={"Content-Length": "14"})
        async def pieces():
            for piece in ("<head></he", "ad>p"):
                yield piece
        async def view(request):
            assert request.consent.allows("measurement")
            return StreamingHttpResponse(pieces())
        async def asynchronous():
            request = AsyncRequestFactory().get("/", secure=True, headers={"cookie": YES})
            response = await AskfirstMiddleware(view)(request)
            return b"".join([piece async for piece in response.streaming_content]), response["Cache-Control"]
        first = ask(stream)
        print(b"".join(first.streaming_content).decode(), "Content-Length" in first)
        print(*asyncio.run(asynchronous()))
        """
    )

    assert [
        "<head><script></script></head>p False",
        "b'<head><script></script></head>p' private, no-cache",
    ] == printed.splitlines()


def test_tags_and_mistakes() -> None:
    """A branch for who allows, one for who does not; a template without its request, and a project without settings."""
    printed = seen(
        """
        from django.template import engines
        TEXT = "{% load askfirst %}{% if_consent purpose %}yes{% else %}no{% endif_consent %}"
        TEXT += '{% if_consent "x" %}x{% endif_consent %}'
        template = engines["django"].from_string(TEXT)
        def page(request):
            return HttpResponse(template.render({"purpose": "measurement"}, request), content_type="text/plain")
        print(ask(page).content.decode(), ask(page, SITE.cookie()).content.decode())
        from askfirst_sdk.errors import ConfigurationError
        broken = "{% load askfirst %}{% if_consent %}"
        for work in (lambda: template.render({"purpose": "x"}), lambda: engines["django"].from_string(broken)):
            try:
                work()
            except Exception as error:
                print(type(error).__name__, str(error)[:60])
        """
    )

    assert [
        "yes no",
        "ConfigurationError the template was rendered without its request: render(reques",
    ] == printed.splitlines()[:2]
    assert "if_consent takes one purpose" in printed


@pytest.mark.parametrize("setting", ["", "ASKFIRST=None"])
def test_a_project_without_its_setting_is_told_which(setting: str) -> None:
    """At the first request, with an example of it."""
    code = f"""
from django.conf import settings
settings.configure({setting})
from askfirst_sdk.django import askfirst
askfirst()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)

    assert 'the setting ASKFIRST is missing: ASKFIRST = {"site"' in done.stderr
