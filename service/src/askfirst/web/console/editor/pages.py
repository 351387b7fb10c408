"""The pages on which a draft is written: an overview, and one for each part, which save and check without a script."""

import copy
from typing import Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import DraftOvertaken, InvalidPolicy, InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.check_draft import DraftFinding, check_draft
from askfirst.usecases.drafts import beginning, discard_draft, number_of, save_draft
from askfirst.usecases.staff import account_id
from askfirst.web.console.editor.desk import (
    Opened,
    acting,
    editing_route,
    item_of,
    language_of,
    may_edit,
    open_desk,
)
from askfirst.web.console.editor.fields import Members, take
from askfirst.web.console.editor.part import Part, View
from askfirst.web.console.editor.parts import BY_NAME, PARTS, address_of, found_in
from askfirst.web.console.editor.shown import show
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

_DONE: Final = frozenset({"saved", "discarded", "taken", "based"})
SAVE: Final = "save"


class DraftPages:
    """The handlers of `/console/policies/SITE/draft` and of its parts."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        draft, viewed = f"{PLACE}/{{site}}/draft", EntryKind.PAGE_VIEWED
        return [
            StaffRoute(draft, "GET", EVERYBODY, viewed, self.overview),
            editing_route("/discard", EntryKind.POLICY_DRAFTED, self.discard),
            editing_route("/base", EntryKind.POLICY_DRAFTED, self.base),
            StaffRoute(f"{draft}/{{part}}", "GET", EVERYBODY, viewed, self.show),
            editing_route("/{part}", EntryKind.POLICY_DRAFTED, self.save),
        ]

    async def overview(self, request: Request, actor: Actor) -> Deed:
        """GET: everything that the check found, part by part, and what can be done now."""
        opened = await open_desk(self._live, request, actor)
        members = await run_in_threadpool(self._live.staff.members, actor.log_id)
        page = self.page(
            request,
            actor,
            opened,
            "draft.html",
            found=[(part, found_in(part, opened.checked.findings)) for part in PARTS],
            loose=[one for one in opened.checked.findings if not address_of(one)],
            people={account_id(one): one.name for one in members},
            done=_done(request),
            current=number_of(opened.site),
        )
        return Deed(page, {"page": opened.address, "via": "console"})

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: one part as a form."""
        opened, part = await open_desk(self._live, request, actor), _part(request)
        view = _view(request, opened, part, dict(opened.draft.members))
        page = self._part_page(request, actor, opened, part, view, opened.checked.findings, done=_done(request))
        return Deed(page, {"page": f"{opened.address}/{part.name}", "via": "console"})

    async def save(self, request: Request, actor: Actor) -> Deed:
        """POST: save one part, and do what its button says."""
        form, part = await read_form(request), _part(request)
        opened = await open_desk(self._live, request, actor)
        view = _view(request, opened, part, taken(request, opened, part, form))
        if not opened.is_version(form):
            return Deed(self._conflict(request, actor, opened, part, view), None)
        do = form.one("do") or SAVE
        changed = View(copy.deepcopy(view.members), view.language, view.item)
        try:
            if do != SAVE and not part.act(changed, do, form):
                raise InvalidQuery([("do", "is no button of this page")])
            await self._store(actor, opened, changed.members, part.name)
        except DraftOvertaken:
            newest = await open_desk(self._live, request, actor)
            return Deed(self._conflict(request, actor, newest, part, view), None)
        except (InvalidQuery, InvalidPolicy) as refused:
            found = check_draft(view.members).findings
            said = dict(refused.errors)
            return Deed(self._part_page(request, actor, opened, part, view, found, status=422, faults=said), None)
        return Deed(RedirectResponse(_back(opened, part, view, changed, do), 303), None)

    async def discard(self, request: Request, actor: Actor) -> Deed:
        """POST: forget the draft."""
        form, opened = await read_form(request), await open_desk(self._live, request, actor)
        try:
            if not opened.is_version(form):
                raise DraftOvertaken(opened.key, expected=0, found=opened.draft.version)
            by = acting(self._live, actor)
            await run_in_threadpool(discard_draft, self._live.drafts, opened.site, expected=opened.draft.version, by=by)
        except DraftOvertaken:
            return Deed(self._overtaken(request, actor, opened), None)
        return Deed(RedirectResponse(f"{opened.address}?done=discarded", 303), None)

    async def base(self, request: Request, actor: Actor) -> Deed:
        """POST: go on with a draft that a publication overtook, or begin anew from what was published."""
        form, opened = await read_form(request), await open_desk(self._live, request, actor)
        anew = form.one("do") == "anew"
        members = beginning(opened.site) if anew else dict(opened.draft.members)
        try:
            if not opened.is_version(form):
                raise DraftOvertaken(opened.key, expected=0, found=opened.draft.version)
            await self._store(actor, opened, members, "base", based_on=number_of(opened.site))
        except DraftOvertaken:
            return Deed(self._overtaken(request, actor, opened), None)
        return Deed(RedirectResponse(f"{opened.address}?done=based", 303), None)

    def page(
        self, request: Request, actor: Actor, opened: Opened, template: str, *, status: int = 200, **context: object
    ) -> Response:
        """Return a page of the editor: the parts beside it, with what is to be mended in each."""
        counts = {part.name: len(found_in(part, opened.checked.errors)) for part in PARTS}
        return self._frame.page(
            request,
            template,
            actor=actor,
            status=status,
            opened=opened,
            parts=PARTS,
            counts=counts,
            editable=may_edit(actor),
            address_of=address_of,
            **context,
        )

    async def _store(
        self, actor: Actor, opened: Opened, members: Members, part: str, based_on: int | None = None
    ) -> None:
        def store() -> None:
            save_draft(
                self._live.drafts,
                opened.site,
                members,
                part=part,
                expected=opened.draft.version,
                based_on=opened.draft.based_on if based_on is None else based_on,
                by=acting(self._live, actor),
            )

        await run_in_threadpool(store)

    def _conflict(self, request: Request, actor: Actor, opened: Opened, part: Part, view: View) -> Response:
        """Return the form with what was written in it, on top of what somebody else saved meanwhile."""
        saved = opened.draft.members
        found = check_draft(view.members).findings
        return self._part_page(request, actor, opened, part, view, found, status=409, saved=saved)

    def _overtaken(self, request: Request, actor: Actor, opened: Opened) -> Response:
        return self.page(
            request,
            actor,
            opened,
            "draft.html",
            status=409,
            found=[(part, found_in(part, opened.checked.findings)) for part in PARTS],
            loose=[one for one in opened.checked.findings if not address_of(one)],
            people={},
            done="overtaken",
            current=number_of(opened.site),
        )

    def _part_page(
        self,
        request: Request,
        actor: Actor,
        opened: Opened,
        part: Part,
        view: View,
        found: tuple[DraftFinding, ...],
        *,
        status: int = 200,
        done: str = "",
        faults: dict[str, str] | None = None,
        saved: Any = None,
    ) -> Response:
        groups = part.groups(view)
        findings = [one for one in found if one in found_in(part, found)]
        return self.page(
            request,
            actor,
            opened,
            "draft_part.html",
            status=status,
            part=part,
            view=view,
            query=_query(part, view),
            shown=show(groups, view.members, findings, saved),
            adds=part.adds(view),
            items=part.items(view.members) if part.items else [],
            layer="first" if part.name in ("who", "words", "looks") else "second",
            done=done,
            faults=faults or {},
            conflict=saved is not None,
        )


def taken(request: Request, opened: Opened, part: Part, form: Form) -> Members:
    """Return the draft's members with what a form says of a part; only fields of its page are taken."""
    members = dict(opened.draft.members)
    groups = part.groups(_view(request, opened, part, members))
    return take(members, (field for group in groups for field in group.fields), form)


def _part(request: Request) -> Part:
    found = BY_NAME.get(request.path_params["part"])
    if found is None:
        raise NotFound
    return found


def _view(request: Request, opened: Opened, part: Part, members: Members) -> View:
    return View(members, language_of(request, opened.draft), item_of(request, part, opened.draft))


def _query(part: Part, view: View) -> str:
    given: dict[str, object] = {"language": view.language} if part.by_language else {}
    if view.item is not None:
        given["item"] = view.item
    return urlencode(given)


def _back(opened: Opened, part: Part, view: View, changed: View, do: str) -> str:
    """Return where somebody goes on after a button: at a new item, or where they were."""
    count = len(part.items(changed.members)) if part.items else 0
    if part.items and do == "add" and view.item is None:
        view = View(changed.members, changed.language, count - 1)
    if view.language not in changed.languages:
        view = View(changed.members, "", view.item)
    query = _query(part, view) if view.language else ""
    return f"{opened.address}/{part.name}?{query}{'&' if query else ''}done=saved"


def _done(request: Request) -> str:
    done = request.query_params.get("done", "")
    return done if done in _DONE else ""
