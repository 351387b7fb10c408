"""Find records: filters that live in the address, and pages that stay where they are while new records arrive."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.core.purposes import NECESSARY
from askfirst.usecases.record_filters import METHODS, PARAMETERS, read_filters, told
from askfirst.usecases.search import list_records, require_place
from askfirst.web.console.days import in_zone
from askfirst.web.console.forms import faults_by_field
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE = "/console/records"
_FIELDS = ("id", *(name for name in PARAMETERS if name not in ("consent_id", "record")))
_SHOWN_AT = frozenset(_FIELDS) - {"cursor", "limit"}  # the others have no field of their own
_Pairs = list[tuple[str, str]]


class RecordsPage:
    """The handler of `/console/records`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, self.search)]

    async def search(self, request: Request, actor: Actor) -> Deed:
        """GET: the records that the filters in the address find; with a faulty filter none, and no entry."""
        given = [(name, text.strip()) for name, text in request.query_params.multi_items() if text.strip()]
        asked = [_named(*in_zone(name, text, self._live.zone)) for name, text in given]
        context: dict[str, Any] = {"given": dict(given), "zone": self._live.zone.key, **self._choices(actor)}
        try:
            query = read_filters(asked, actor.sites)
        except InvalidQuery as refused:
            context |= {"faults": _faults(refused, dict(given)), "found": [], "older": None, "searched": False}
            return Deed(self._frame.page(request, "records.html", actor=actor, status=400, **context), None)
        await run_in_threadpool(require_place, self._live.ledger, actor.log_id, query.after_id)
        found, cursor = await run_in_threadpool(list_records, self._live.records, actor.log_id, query, self._live.clock)
        filters = [(name, text) for name, text in given if name != "cursor"]
        context |= {
            "faults": {},
            "found": found,
            "older": _address([*filters, ("cursor", cursor)]) if cursor else None,
            "newest": _address(filters) if query.after_id else None,
            "searched": any(name != "limit" for name, _text in filters),
        }
        page = self._frame.page(request, "records.html", actor=actor, **context)
        said = told(asked, found=found[0].record_id if found else None)
        return Deed(page, {"filters": said, "found": len(found), "via": "console"})

    def _choices(self, actor: Actor) -> dict[str, object]:
        sites = sites_of(self._live, actor)
        policies = [live.policy for site in sites for live in site.policies.values()]
        purposes = {purpose.id for policy in policies for purpose in policy.purposes} - {NECESSARY}
        return {
            "sites": [(one.site.site_key, one.site.name) for one in sites],
            "names": {one.site.site_key: one.site.name for one in sites},
            "methods": METHODS,
            "purposes": sorted(purposes),
            "spoken": sorted({language for policy in policies for language in policy.languages}),
            "newest": None,
        }


def _named(name: str, text: str) -> tuple[str, str]:
    """Return a field as the search's parameter: one field takes a consent id or a record id, whichever is quoted."""
    if name != "id":
        # The two names of the API are no fields of this page; whoever writes them into the address means them.
        return name, text
    try:
        UUID(text.strip())
    except ValueError:
        return "consent_id", text
    return "record", text


def _faults(refused: InvalidQuery, given: dict[str, str]) -> dict[str, str]:
    """Return each fault by the field that it is shown at; what has no field is shown above the form, as `other`."""
    errors = [
        ("id" if name in ("consent_id", "record") and "id" in given else name, said) for name, said in refused.errors
    ]
    return faults_by_field(errors, _SHOWN_AT)


def _address(pairs: Sequence[tuple[str, str]]) -> str:
    return f"{PLACE}?{urlencode(pairs)}" if pairs else PLACE
