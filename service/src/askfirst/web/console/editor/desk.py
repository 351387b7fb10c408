"""What every page of the editor begins with: the site that is named, its draft, and what the check says of it."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.check_draft import CheckedDraft, check_draft
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.drafts import Draft, number_of, open_draft
from askfirst.usecases.ports import Acting
from askfirst.web.console.editor.fields import tags
from askfirst.web.console.editor.part import Part
from askfirst.web.console.forms import Form
from askfirst.web.console.overview import sites_of
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EDITORS, Actor, Handler, StaffRoute

_MOST_DIGITS = 9
# A service with a hundred stored items, or every text of a banner in letters that take nine characters each.
LARGEST_FORM = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A site's draft on the desk. `overtaken`: somebody published a policy since it was begun."""

    site: LiveSite
    draft: Draft
    checked: CheckedDraft

    @property
    def key(self) -> str:
        """The site's key."""
        return self.site.site.site_key

    @property
    def address(self) -> str:
        """Where the draft's pages are."""
        return f"{PLACE}/{self.key}/draft"

    @property
    def overtaken(self) -> bool:
        """Whether a policy was published since the draft was begun."""
        return self.draft.based_on != number_of(self.site)

    def is_version(self, form: Form) -> bool:
        """Tell whether a form was made from this very version of the draft."""
        return (form.one("version"), form.one("based_on")) in (
            (str(self.draft.version), str(self.draft.based_on)),
            # A program that names no version takes what there is not yet.
            ("", "") if self.draft.version == 0 else (None, None),
        )


async def open_desk(live: Live, request: Request, actor: Actor) -> Opened:
    """Return the draft of the site that an address names; NotFound where there is no such site for the actor."""
    key = request.path_params["site"]
    site = next((one for one in sites_of(live, actor) if one.site.site_key == key), None)
    if site is None:
        raise NotFound

    def read() -> Opened:
        draft = open_draft(live.drafts, site)
        return Opened(site, draft, check_draft(draft.members))

    return await run_in_threadpool(read)


def acting(live: Live, actor: Actor) -> Acting:
    """Return in whose name the draft is changed."""
    return live.acting(actor.name)


def may_edit(actor: Actor) -> bool:
    """Tell whether somebody may change drafts, and not only read them."""
    return actor.role in EDITORS


def editing_route(path: str, entry: EntryKind, handler: Handler, largest_form: int = LARGEST_FORM) -> StaffRoute:
    """Return an address that editors and owners send a form to."""
    return StaffRoute(f"{PLACE}/{{site}}/draft{path}", "POST", EDITORS, entry, handler, largest_form=largest_form)


def language_of(request: Request, draft: Draft) -> str:
    """Return which of the draft's languages is looked at, the first one where none is named."""
    spoken = tags(draft.members)
    wanted = request.query_params.get("language", "")
    if wanted and wanted not in spoken:
        raise InvalidQuery([("language", "must be one of the draft's languages")])
    return wanted or (spoken[0] if spoken else "")


def item_of(request: Request, part: Part, draft: Draft) -> int | None:
    """Return which item of a list is looked at, if one is."""
    wanted = request.query_params.get("item")
    if wanted is None or part.items is None:
        return None
    count = len(part.items(draft.members))
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS and int(wanted) < count):
        raise InvalidQuery([("item", "must be one of the draft")])
    return int(wanted)
