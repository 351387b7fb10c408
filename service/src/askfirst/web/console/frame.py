"""The frame that every page of the console has: who is signed in, the five places, and what a browser may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from askfirst.core.errors import Problem
from askfirst.web.console.assets import asset_address
from askfirst.web.console.words import count_words, day_words, kind_words, method_words, when
from askfirst.web.live import Live
from askfirst.web.problems import STATUS
from askfirst.web.staff_routes import AUDITORS, EVERYBODY, OWNERS, Actor

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
_PLACES: Final = (
    ("Overview", "/console", EVERYBODY, False),
    ("Records", "/console/records", AUDITORS, False),
    ("Ledger", "/console/ledger", AUDITORS, False),
    ("Policies", "/console/policies", EVERYBODY, False),
    ("Staff", "/console/staff", OWNERS, True),
)
# What a refusal or failure is called on a page, and what somebody can do now, by the problem's code.
_TRY_AGAIN: Final = "Go back and try again."
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "not-found": ("Nothing is here", "Check the address, or search for the record."),
    "forbidden": ("This is not yours to open", "If you need it for your work, ask an owner of your organisation."),
    "invalid-query": ("This can not be searched for", "Go back and change what is named here."),
    "rate-limited": ("Too many attempts", "Wait a few minutes. An owner can also make you a sign-in link."),
    "unavailable": (
        "The database can not be reached",
        "Nothing that was confirmed is lost. Try again in a moment; if it stays, tell whoever runs the service.",
    ),
    "unforeseen": ("Something went wrong", "Try again. If it stays, tell whoever runs the service what you did."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the rail."""

    name: str
    path: str
    allowed: bool
    current: bool


class Frame:
    """Makes pages."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live
        self._pages = Environment(
            loader=PackageLoader("askfirst.web.console"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals |= {"asset": asset_address, "zip": zip}
        self._pages.filters |= {
            "when": when,
            "method": method_words,
            "kind": kind_words,
            "day": day_words,
            "number": lambda value: f"{value:,}",
            "count": count_words,
        }

    def page(
        self,
        request: Request,
        template: str,
        *,
        title: str,
        actor: Actor | None = None,
        status: int = 200,
        **context: object,
    ) -> HTMLResponse:
        """Return a page in the console's frame; without an actor it has no rail."""
        organisation = self._live.directory.organisations.get(actor.log_id) if actor else None
        body = self._pages.get_template(template).render(
            title=title,
            actor=actor,
            member=actor.person.member if actor and actor.person else None,
            word=actor.person.form_word if actor and actor.person else "",
            organisation=organisation.name if organisation else "",
            places=_places(actor, request.url.path) if actor else (),
            **context,
        )
        return HTMLResponse(body, status, dict(_HEADERS))

    def problem_page(self, request: Request, problem: Problem) -> Response:
        """Return the page about a refusal or a failure. It asks the database for nothing."""
        actor = getattr(request.state, "actor", None)
        title, next_step = _SAID.get(problem.code, (problem.title, _TRY_AGAIN))
        return self.page(
            request,
            "problem.html",
            title=title,
            actor=actor if isinstance(actor, Actor) else None,
            status=STATUS[problem.code],
            detail=problem.detail,
            next_step=next_step,
        )


def _places(actor: Actor, path: str) -> tuple[Place, ...]:
    return tuple(
        Place(
            name=name,
            path=place,
            allowed=actor.role in roles and not (whole and actor.sites is not None),
            current=path == place or (place != "/console" and path.startswith(f"{place}/")),
        )
        for name, place, roles, whole in _PLACES
    )
