"""The log of what staff and the service did: found by who, what, where and when, in pages that stay where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import DECISIONS, EntryKind
from askfirst.usecases.record_filters import told
from askfirst.usecases.search import require_place
from askfirst.usecases.search_entries import ENTRY_PARAMETERS, EntryLine, list_entries, read_entry_filters
from askfirst.usecases.staff import account_id
from askfirst.web.console.days import in_zone
from askfirst.web.console.entry_facts import EntryFacts, Fact
from askfirst.web.console.forms import faults_by_field
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/console/entries"
_FIELDS: Final = ("site", "staff", "kind", "from", "to")
_KINDS: Final = tuple(kind for kind in EntryKind if kind not in DECISIONS)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words."""

    line: EntryLine
    who: str
    telling: Fact | None
    facts: list[Fact]


class EntriesPage:
    """The handler of `/console/entries`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, self.search)]

    async def search(self, request: Request, actor: Actor) -> Deed:
        """GET: the entries that the filters in the address find; with a faulty filter none, and no entry.

        Somebody with named sites finds what is about those, and what they did themselves, if they ask for that.
        """
        live = self._live
        given = [(name, text.strip()) for name, text in request.query_params.multi_items() if text.strip()]
        words = self._frame.words(request, actor)
        names = {account_id(one): one.name for one in await run_in_threadpool(live.staff.members, actor.log_id)}
        context = await run_in_threadpool(self._choices, actor, words, names)
        context |= {"given": dict(given), "zone": live.zone.key, "mine": actor.name}
        try:
            asked = self._asked(given)
            search = read_entry_filters(asked, None if ("staff", actor.name) in asked else actor.sites)
        except InvalidQuery as refused:
            faults = faults_by_field(refused.errors, _FIELDS)
            page = self._frame.page(
                request, "entries.html", actor=actor, status=400, faults=faults, found=[], older=None, **context
            )
            return Deed(page, None)
        search = replace(search, decisions=None)
        await run_in_threadpool(require_place, live.ledger, actor.log_id, search.cursor)
        lines, cursor = await run_in_threadpool(list_entries, live.records, actor.log_id, search, live.clock)
        filters = [(name, text) for name, text in given if name != "cursor"]
        context |= {
            "faults": {},
            "found": _told(lines, words, names, dict(context["sites"])),
            "older": _address([*filters, ("cursor", cursor)]) if cursor else None,
            "newest": _address(filters) if len(filters) < len(given) else None,
        }
        page = self._frame.page(request, "entries.html", actor=actor, **context)
        return Deed(page, {"filters": told(asked, ENTRY_PARAMETERS), "found": len(lines), "via": "console"})

    def _asked(self, given: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the fields as the search's parameters: days are whole ones of the organisation's zone."""
        known = (*_FIELDS, "cursor")
        faults = [(name[:64], f"is not one of {', '.join(known)}") for name, _text in given if name not in known]
        faults += [("kind", "is a visitor's answer: search the records") for one in given if one in _ANSWERED]
        if faults:
            raise InvalidQuery(faults)
        return [in_zone(name, text, self._live.zone) for name, text in given]

    def _choices(self, actor: Actor, words: Words, names: Mapping[str, str]) -> dict[str, Any]:
        members = self._live.staff.members(actor.log_id)
        seen = [
            account_id(one)
            for one in members
            if actor.sites is None or one.sites is None or set(one.sites) & set(actor.sites)
        ]
        tokens = self._live.staff.tokens(actor.log_id) if actor.sites is None else []
        programs = sorted({f"token:{one.name}" for one in tokens})
        return {
            "sites": [(one.site.site_key, one.site.name) for one in sites_of(self._live, actor)],
            "staff": [
                *sorted(((one, names[one]) for one in seen), key=lambda one: one[1]),
                *((one, words.who(one, names)) for one in programs),
            ],
            "kinds": sorted(((one.value, words.kind(one)) for one in _KINDS), key=lambda one: one[1]),
            "newest": None,
        }


_ANSWERED: Final = frozenset(("kind", kind.value) for kind in DECISIONS)


def _told(lines: Sequence[EntryLine], words: Words, names: Mapping[str, str], sites: Mapping[str, str]) -> list[Told]:
    say = EntryFacts(words, names, sites)
    found = []
    for line in lines:
        facts = say.of(line.said)
        found.append(Told(line, words.who(line.staff, names), say.telling(facts), facts))
    return found


def _address(pairs: Sequence[tuple[str, str]]) -> str:
    return f"{PLACE}?{urlencode(pairs)}" if pairs else PLACE
