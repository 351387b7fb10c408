"""The frame that every page of the console has: who is signed in, the five places, and what a browser may do there."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from askfirst.core.errors import Problem
from askfirst.web.console.addresses import HOME
from askfirst.web.console.assets import asset_address
from askfirst.web.console.language import choose, languages
from askfirst.web.console.places import pages_of, places_of
from askfirst.web.console.words import Words, link, words_of
from askfirst.web.live import Live
from askfirst.web.problems import STATUS
from askfirst.web.staff_routes import Actor

# Scripts and styles are files of our own; nothing is loaded from elsewhere, nothing may frame the console.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    # Links of the console hold ids: no other website learns them, and forms still say where they come from.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


class Frame:
    """Makes pages."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live
        self._pages = {tag: _environment(tag) for tag in languages()}

    def words(self, request: Request, actor: Actor | None) -> Words:
        """Return the words of the language that this reader is spoken to in."""
        setting = actor.person.member.language if actor and actor.person else None
        return words_of(choose(setting, request.headers.get("accept-language", "")))

    def page(
        self,
        request: Request,
        template: str,
        *,
        actor: Actor | None = None,
        status: int = 200,
        **context: object,
    ) -> HTMLResponse:
        """Return a page in the console's frame; without an actor it has no rail."""
        organisation = self._live.directory.organisations.get(actor.log_id) if actor else None
        words = self.words(request, actor)
        query = f"?{request.url.query}" if request.url.query else ""
        body = (
            self._pages[words.tag]
            .get_template(template)
            .render(
                actor=actor,
                member=actor.person.member if actor and actor.person else None,
                word=actor.person.form_word if actor and actor.person else "",
                organisation=organisation.name if organisation else "",
                places=places_of(actor, request.url.path) if actor else (),
                pages=pages_of(actor, request.url.path) if actor else (),
                # What a form made is shown once, and an error is nowhere: whoever changes the language there goes home.
                here=f"{request.url.path}{query}" if request.method == "GET" and status == 200 else HOME,
                **context,
            )
        )
        return HTMLResponse(body, status, {**_HEADERS, "Content-Language": words.tag, "Vary": "Accept-Language"})

    def problem_page(self, request: Request, problem: Problem) -> Response:
        """Return the page about a refusal or a failure. It asks the database for nothing."""
        actor = getattr(request.state, "actor", None)
        return self.page(
            request,
            "problem.html",
            actor=actor if isinstance(actor, Actor) else None,
            status=STATUS[problem.code],
            problem=problem,
            named=problem.code.replace("-", "_"),
        )


@cache
def _environment(tag: str) -> Environment:
    """Return the templates of one language, compiled once for all services of a process: what they say has no other
    way in."""
    words = words_of(tag)
    pages = Environment(
        loader=PackageLoader("askfirst.web.console"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals |= {
        "asset": asset_address,
        "zip": zip,
        "link": link,
        "t": words.say,
        "words": words,
        "languages": {tag: language.name for tag, language in languages().items()},
    }
    pages.filters |= {
        "when": words.when,
        "method": words.method,
        "kind": words.kind,
        "role": words.role,
        "day": words.day,
        "number": words.number,
        "said": words.said,
    }
    return pages
