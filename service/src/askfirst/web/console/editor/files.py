"""A draft as a site file: taken out of the editor, and brought into it."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import DraftOvertaken, InvalidPolicy
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import MAX_POLICY_BYTES
from askfirst.usecases.check_file import draft_of
from askfirst.usecases.drafts import save_draft
from askfirst.web.console.editor.desk import acting, editing_route, open_desk
from askfirst.web.console.editor.pages import DraftPages
from askfirst.web.console.forms import read_form
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

# In a form every byte of a letter outside ASCII takes three characters.
_LARGEST = 3 * MAX_POLICY_BYTES + 65_536


class DraftFiles:
    """The handlers of `/console/policies/SITE/draft/file`."""

    def __init__(self, live: Live, pages: DraftPages) -> None:
        """Take what handlers share, and the editor's pages."""
        self._live, self._pages = live, pages

    def routes(self) -> list[StaffRoute]:
        """Return the addresses."""
        return [
            StaffRoute(f"{PLACE}/{{site}}/draft/file.json", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.give),
            StaffRoute(f"{PLACE}/{{site}}/draft/file", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.ask),
            editing_route("/file", EntryKind.POLICY_DRAFTED, self.take, _LARGEST),
        ]

    async def give(self, request: Request, actor: Actor) -> Deed:
        """GET: the draft as a site file to keep; `askfirst policy publish` takes it."""
        opened = await open_desk(self._live, request, actor)
        body = json.dumps(opened.draft.members, ensure_ascii=False, indent=2) + "\n"
        disposition = f'attachment; filename="{opened.key}.json"'
        response = Response(body, media_type="application/json", headers={"Content-Disposition": disposition})
        return Deed(response, {"page": f"{opened.address}/file.json", "via": "console"})

    async def ask(self, request: Request, actor: Actor) -> Deed:
        """GET: the form that takes a site file."""
        opened = await open_desk(self._live, request, actor)
        page = self._pages.page(request, actor, opened, "draft_file.html", given="", faults=(), conflict=False)
        return Deed(page, {"page": f"{opened.address}/file", "via": "console"})

    async def take(self, request: Request, actor: Actor) -> Deed:
        """POST: put a site file in the place of the draft. What is wrong with it is told, and nothing is changed."""
        form, opened = await read_form(request), await open_desk(self._live, request, actor)
        text = form.one("file")

        def store() -> None:
            members: dict[str, Any] = draft_of(text.encode(), "file").model_dump(mode="json")
            if not opened.is_version(form):
                raise DraftOvertaken(opened.key, expected=0, found=opened.draft.version)
            save_draft(
                self._live.drafts,
                opened.site,
                members,
                part="file",
                expected=opened.draft.version,
                based_on=opened.draft.based_on,
                by=acting(self._live, actor),
            )

        faults: tuple[tuple[str, str], ...] = ()
        try:
            await run_in_threadpool(store)
        except InvalidPolicy as refused:
            faults = refused.errors
        except DraftOvertaken:
            opened = await open_desk(self._live, request, actor)
        else:
            return Deed(RedirectResponse(f"{opened.address}?done=taken", 303), None)
        page = self._pages.page(
            request,
            actor,
            opened,
            "draft_file.html",
            status=422 if faults else 409,
            given=text,
            faults=faults,
            conflict=not faults,
        )
        return Deed(page, None)
