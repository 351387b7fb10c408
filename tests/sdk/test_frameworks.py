"""The examples run: each framework shows the banner, holds the tag, and measures after an answer without JavaScript."""

import importlib.util
import re
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest

import askfirst_sdk
from sdk.mounted import HOST, NAME, SITE
from support.places import PAGE
from support.served import Served

EXAMPLES = Path(askfirst_sdk.__file__).parents[2] / "examples"
ASGI = ["starlette_app", "fastapi_app", "litestar_app", "asgi_app"]
WSGI = ["flask_app", "django_app", "wsgi_app"]
LIVE = re.compile(r'<script (?=[^>]*data-purpose="measurement")(?![^>]*text/plain)[^>]*src="/measure.js"')


class Visitor:
    """A browser without JavaScript: it follows no redirect by itself and keeps the receipt."""

    def __init__(self, app: Any, *, asynchronous: bool) -> None:
        self._app = app
        self._asynchronous = asynchronous
        self.receipt: str | None = None

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"origin": PAGE, **({"cookie": f"{NAME}={self.receipt}"} if self.receipt else {})}
        if self._asynchronous:
            answer = anyio.run(lambda: self._over_asgi(method, path, headers, given))
        else:
            with httpx.Client(transport=httpx.WSGITransport(self._app), base_url=f"https://{HOST}") as client:
                answer = client.request(method, path, headers=headers, **given)
        for cookie in answer.headers.get_list("set-cookie"):
            self.receipt = cookie.removeprefix(f"{NAME}=").partition(";")[0]
        return answer

    async def _over_asgi(self, method: str, path: str, headers: dict[str, str], given: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
            return await client.request(method, path, headers=headers, **given)

    def press(self, page: httpx.Response, answer: str) -> httpx.Response:
        """Press a button of the banner's form."""
        action = re.findall(r'<form method="post" action="([^"]*)"', page.text)[0]
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
        data = {name: unescape(value) for name, value in fields} | {"answer": answer}
        return self.ask("POST", action, data=data)


@pytest.fixture(scope="module")
def load(web_service: Served, web_token: str) -> Any:
    """Give a function that runs an example once, and close what they opened."""
    loaded: dict[str, ModuleType] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASKFIRST_SITE", SITE)
        patch.setenv("ASKFIRST_SERVICE_URL", web_service.url)
        patch.setenv("ASKFIRST_TOKEN", web_token)

        def run(name: str) -> ModuleType:
            if name not in loaded:
                spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
                assert spec is not None
                assert spec.loader is not None
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module
                spec.loader.exec_module(module)
                loaded[name] = module
                reader = reader_of(module)
                reader.want_policy()
                assert reader.ready(30)
            return loaded[name]

        yield run
    for module in loaded.values():
        reader_of(module).close()


def reader_of(module: ModuleType) -> Any:
    if "django" in module.__name__:
        from askfirst_sdk.django import askfirst

        return askfirst()
    return module.askfirst


@pytest.fixture(params=[*ASGI, *WSGI])
def visitor(request: pytest.FixtureRequest, load: Callable[[str], ModuleType]) -> Visitor:
    """Give a visitor of each example."""
    return Visitor(load(request.param).app, asynchronous=request.param in ASGI)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
class TestExamples:
    """Each test runs in every framework. The connections of the examples' mounts end with their loop or process."""

    def test_a_new_visitor_sees_the_banner_and_is_not_measured(self, visitor: Visitor) -> None:
        """With the first bytes of the page, in a form that needs no script; kept out of shared caches."""
        page = visitor.ask("GET", "/")

        assert (200, "private, no-cache") == (page.status_code, page.headers["cache-control"])
        assert 'data-askfirst="banner"' in page.text
        assert '<script async src="/askfirst/s.js"></script>' in page.text
        assert "Measured: False" in page.text
        assert LIVE.search(page.text) is None

    def test_accepting_without_javascript_measures_from_the_next_page_on(self, visitor: Visitor) -> None:
        """The form is taken, the receipt set, the visitor sent back; a withdrawal ends it the same way."""
        answered = visitor.press(visitor.ask("GET", "/"), "accept_all")
        page = visitor.ask("GET", answered.headers["location"])

        assert (303, "/") == (answered.status_code, answered.headers["location"])
        assert "Measured: True" in page.text
        assert LIVE.search(page.text) is not None
        assert 'data-askfirst="banner"' not in page.text

        visitor.press(visitor.ask("GET", "/askfirst/settings"), "withdraw")
        after = visitor.ask("GET", "/")
        assert "Measured: False" in after.text
        assert LIVE.search(after.text) is None
        assert 'data-askfirst="banner"' not in after.text

    def test_rejecting_is_as_easy_and_asks_no_second_time(self, visitor: Visitor) -> None:
        """The other button of the same form."""
        page = visitor.ask("GET", "/")
        assert 303 == visitor.press(page, "reject_all").status_code
        after = visitor.ask("GET", "/")

        assert "Measured: False" in after.text
        assert 'data-askfirst="banner"' not in after.text
        buttons = re.findall(r"<button name=\"answer\" value=\"(?:accept|reject)_all\">", page.text)
        assert 2 == len(buttons)

    def test_the_script_comes_from_the_site_itself(self, visitor: Visitor) -> None:
        """Through the framework's own routing."""
        script = visitor.ask("GET", "/askfirst/s.js")

        assert (200, '"mount":"/askfirst"') == (script.status_code, re.findall(r'"mount":"[^"]*"', script.text)[0])


def test_fastapi_hands_consent_to_who_depends_on_it(load: Callable[[str], ModuleType]) -> None:
    """A dependency like any other."""
    visitor = Visitor(load("fastapi_app").app, asynchronous=True)

    assert {"measurement": False} == visitor.ask("GET", "/api/consent").json()
