"""The places of the console: five in the rail, and the pages that each of them has beside its first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from askfirst.core.roles import Role
from askfirst.web.staff_routes import AUDITORS, EVERYBODY, OWNERS, Actor


@dataclass(frozen=True, slots=True)
class _Declared:
    """A page as it is declared: its name in the language files, its address, and whose it is."""

    name: str
    path: str
    roles: frozenset[Role]
    whole: bool = False
    pages: tuple["_Declared", ...] = ()


_PLACES: Final = (
    _Declared(
        "first",
        "/console",
        EVERYBODY,
        pages=(
            _Declared("today", "/console", EVERYBODY),
            _Declared("statistics", "/console/statistics", EVERYBODY),
            _Declared("alerts", "/console/alerts", AUDITORS),
        ),
    ),
    _Declared(
        "records",
        "/console/records",
        AUDITORS,
        pages=(
            _Declared("find", "/console/records", AUDITORS),
            _Declared("people", "/console/people", AUDITORS),
            _Declared("exports", "/console/exports", AUDITORS),
            _Declared("holds", "/console/holds", AUDITORS),
            _Declared("retention", "/console/retention", AUDITORS),
        ),
    ),
    _Declared(
        "ledger",
        "/console/ledger",
        AUDITORS,
        pages=(
            _Declared("entries", "/console/ledger", AUDITORS),
            _Declared("log", "/console/entries", AUDITORS),
            _Declared("webhooks", "/console/webhooks", OWNERS),
        ),
    ),
    _Declared("policies", "/console/policies", EVERYBODY),
    _Declared(
        "staff",
        "/console/staff",
        OWNERS,
        whole=True,
        pages=(
            _Declared("accounts", "/console/staff", OWNERS, whole=True),
            _Declared("sign_ins", "/console/staff/sign-ins", OWNERS, whole=True),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the rail, or one page of the row above a page."""

    name: str
    path: str
    allowed: bool
    current: bool


def places_of(actor: Actor, path: str) -> tuple[Place, ...]:
    """Return the places of the rail for somebody who is on the page at `path`; every one, also those not for them."""
    here = _place_of(path)
    return tuple(_shown(one, actor, current=one is here) for one in _PLACES)


def pages_of(actor: Actor, path: str) -> tuple[Place, ...]:
    """Return the pages of the place that `path` belongs to, only those for this reader; none where it is alone."""
    here = _place_of(path)
    if here is None:
        return ()
    current = _longest(here.pages, path)
    found = tuple(_shown(one, actor, current=one is current) for one in here.pages)
    allowed = tuple(one for one in found if one.allowed)
    return allowed if len(allowed) > 1 else ()


def _place_of(path: str) -> _Declared | None:
    """Return the place with the page that `path` is, or is below of."""
    found = _longest((page for place in _PLACES for page in (place.pages or (place,))), path)
    return next((place for place in _PLACES if found is place or found in place.pages), None)


def _longest(pages: Iterable[_Declared], path: str) -> _Declared | None:
    # Everything is below the overview's address, which therefore stands for itself alone.
    fits = [one for one in pages if path == one.path or (one.path != "/console" and path.startswith(f"{one.path}/"))]
    return max(fits, key=lambda one: len(one.path), default=None)


def _shown(one: _Declared, actor: Actor, *, current: bool) -> Place:
    allowed = actor.role in one.roles and not (one.whole and actor.sites is not None)
    return Place(one.name, one.path, allowed, current)
