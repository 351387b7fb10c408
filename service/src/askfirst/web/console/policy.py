"""One published policy beside another: what differs, who published each and why, and who was asked again."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.languages import direction
from askfirst.core.policy_diff import Change, causes, differences
from askfirst.core.policy_words import place_words, value_lines
from askfirst.usecases.directory import LivePolicy, LiveSite
from askfirst.usecases.publication_entry import causes_of, publication_entry
from askfirst.usecases.staff import account_id
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute


@dataclass(frozen=True, slots=True)
class Side:
    """One version as the page shows it; `entered` is whether the ledger's entry of its publication was found."""

    live: LivePolicy
    causes: tuple[str, ...]
    entered: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One change in words; `language` is that of its texts, empty where it is about none."""

    place: str
    kind: str
    before: list[str]
    after: list[str]
    asks_again: tuple[str, ...]
    language: str
    dir: str


class PolicyPage:
    """The handler of `/console/policies/SITE/NUMBER`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(f"{PLACE}/{{site}}/{{number}}", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page. `against` names the version beside it; without, that is the one before."""
        key, number = request.path_params["site"], request.path_params["number"]
        site = next((one for one in sites_of(self._live, actor) if one.site.site_key == key), None)
        shown = _numbered(site, number) if site else None
        if site is None or shown is None:
            raise NotFound
        other = _against(request, site, shown)
        members = await run_in_threadpool(self._live.staff.members, actor.log_id)
        sides = await run_in_threadpool(self._sides, [one for one in (other, shown) if one])
        found = differences(other.policy, shown.policy) if other else ()
        page = self._frame.page(
            request,
            "policy.html",
            actor=actor,
            site=site.site,
            shown=sides[-1],
            other=sides[0] if other else None,
            versions=_by_number(site),
            changes=[in_words(change) for change in found],
            would_ask=causes(found),
            people={account_id(one): one.name for one in members},
        )
        return Deed(page, {"page": f"{PLACE}/{key}/{number}", "via": "console"})

    def _sides(self, versions: Sequence[LivePolicy]) -> list[Side]:
        sides = []
        for version in versions:
            entry = publication_entry(self._live.overview, version.published)
            sides.append(Side(version, causes_of(entry), bool(entry)))
        return sides


def _by_number(site: LiveSite) -> list[LivePolicy]:
    return sorted(site.policies.values(), key=lambda live: -live.policy.number)


def _numbered(site: LiveSite, number: str) -> LivePolicy | None:
    return next((live for live in site.policies.values() if str(live.policy.number) == number), None)


def _against(request: Request, site: LiveSite, shown: LivePolicy) -> LivePolicy | None:
    unknown = [(name[:64], "is not against") for name in request.query_params if name != "against"]
    if unknown:
        raise InvalidQuery(unknown)
    number = request.query_params.get("against")
    if number is None:
        older = (live for live in _by_number(site) if live.policy.number < shown.policy.number)
        return next(older, None)
    found = _numbered(site, number)
    if found is None:
        raise InvalidQuery([("against", "must be the number of a policy of this site")])
    return found


def in_words(change: Change) -> Difference:
    """Return a change as a page shows it."""
    language = _language(change.path)
    return Difference(
        place=place_words(change.path),
        kind=change.kind,
        before=value_lines(change.before),
        after=value_lines(change.after),
        asks_again=change.asks_again,
        language=language,
        dir=direction(language) if language else "",
    )


def _language(path: tuple[str, ...]) -> str:
    """Return the language of the texts at a path, or nothing."""
    match path:
        case ("texts" | "languages", language, *_) | (*_, "name" | "description", language):
            return language
    return ""
