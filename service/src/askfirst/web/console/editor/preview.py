"""The banner of a draft or of a published policy, with the very script that visitors get, in a frame of its own."""

from dataclasses import dataclass
from typing import Final, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import PolicyDraft
from askfirst.core.policy_content import Layout
from askfirst.usecases.banner_frame import BannerFrame, banner_frame, message_frame, previewed_script
from askfirst.usecases.check_draft import check_draft
from askfirst.web.console.banner_stage import Look, frame_response, read_look
from askfirst.web.console.editor.desk import editing_route, language_of, may_edit, open_desk
from askfirst.web.console.editor.pages import DraftPages, taken
from askfirst.web.console.editor.parts import BY_NAME
from askfirst.web.console.forms import read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

_LAYOUTS: Final[tuple[str, ...]] = get_args(Layout.model_fields["first_layer"].annotation)
_PARAMETERS: Final = ("language", "layout", "rule")


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which language a policy is looked at, and in which layout and under which region rule, empty for its own."""

    language: str
    layout: str
    rule: str


class Previews:
    """The handlers of `…/draft/preview` and `…/draft/frame`, and of those below the number of a policy."""

    def __init__(self, live: Live, frame: Frame, pages: DraftPages) -> None:
        """Take what handlers share, and the editor's pages."""
        self._live, self._frame, self._pages = live, frame, pages

    def routes(self) -> list[StaffRoute]:
        """Return the addresses."""
        draft, numbered, viewed = f"{PLACE}/{{site}}/draft", f"{PLACE}/{{site}}/{{number}}", EntryKind.PAGE_VIEWED
        return [
            StaffRoute(f"{draft}/preview", "GET", EVERYBODY, viewed, self.preview),
            StaffRoute(f"{draft}/frame", "GET", EVERYBODY, viewed, self.frame),
            editing_route("/{part}/try", viewed, self.attempt),
            StaffRoute(f"{numbered}/preview", "GET", EVERYBODY, viewed, self.preview_published),
            StaffRoute(f"{numbered}/frame", "GET", EVERYBODY, viewed, self.frame_published),
        ]

    async def preview(self, request: Request, actor: Actor) -> Deed:
        """GET: a page with the draft's banner, and ways to look at it."""
        opened = await open_desk(self._live, request, actor)
        page = self._pages.page(
            request,
            actor,
            opened,
            "draft_preview.html",
            policy=opened.checked.draft,
            language=language_of(request, opened.draft),
            frame_address=f"{opened.address}/frame",
        )
        return Deed(page, {"page": f"{opened.address}/preview", "via": "console"})

    async def frame(self, request: Request, actor: Actor) -> Deed:
        """GET: the draft's banner alone."""
        opened, look = await open_desk(self._live, request, actor), read_look(request, *_PARAMETERS)
        frame = await self._framed(request, actor, opened.checked.draft, opened.key, look)
        return Deed(frame_response(frame), {"page": f"{opened.address}/frame", "via": "console"})

    async def attempt(self, request: Request, actor: Actor) -> Deed:
        """POST: the banner with what a form says, which nobody saved yet."""
        form, opened = await read_form(request), await open_desk(self._live, request, actor)
        part = BY_NAME.get(request.path_params["part"])
        if part is None:
            raise NotFound
        members = taken(request, opened, part, form)
        checked = await run_in_threadpool(check_draft, members)
        look = read_look(request, *_PARAMETERS, "item")
        frame = await self._framed(request, actor, checked.draft, opened.key, look)
        return Deed(frame_response(frame), {"page": f"{opened.address}/{part.name}/try", "via": "console"})

    async def preview_published(self, request: Request, actor: Actor) -> Deed:
        """GET: a page with a published policy's banner, and ways to look at it."""
        key, number, policy = self._published(request, actor)
        wanted = _wanted(request, policy)
        page = self._frame.page(
            request,
            "policy_preview.html",
            actor=actor,
            site=key,
            number=number,
            policy=policy,
            language=wanted.language,
            frame_address=f"{PLACE}/{key}/{number}/frame",
        )
        return Deed(page, {"page": f"{PLACE}/{key}/{number}/preview", "via": "console"})

    async def frame_published(self, request: Request, actor: Actor) -> Deed:
        """GET: a published policy's banner alone, as this release shows it."""
        key, number, policy = self._published(request, actor)
        look = read_look(request, *_PARAMETERS)
        frame = await self._framed(request, actor, policy, key, look)
        return Deed(frame_response(frame), {"page": f"{PLACE}/{key}/{number}/frame", "via": "console"})

    def _published(self, request: Request, actor: Actor) -> tuple[str, int, PolicyDraft]:
        key, number = request.path_params["site"], request.path_params["number"]
        site = next((one for one in sites_of(self._live, actor) if one.site.site_key == key), None)
        policies = site.policies.values() if site else ()
        found = next((one.policy for one in policies if str(one.policy.number) == number), None)
        if found is None:
            raise NotFound
        return key, found.number, found

    async def _framed(
        self, request: Request, actor: Actor, policy: PolicyDraft | None, site_key: str, look: Look
    ) -> BannerFrame:
        words = self._frame.words(request, actor)
        if policy is None:
            said = words.say("draft.no_preview_edit" if may_edit(actor) else "draft.no_preview")
            return message_frame(str(said), words.tag, scheme=look.scheme)
        wanted = _wanted(request, policy)

        def make() -> BannerFrame:
            script = previewed_script(
                policy,
                site_key,
                wanted.language,
                self._live.snippet,
                layout=wanted.layout,
                service_url=self._live.public_url,
            )
            return banner_frame(script, wanted.language, layer=look.layer, scheme=look.scheme, rule=wanted.rule)

        return await run_in_threadpool(make)


def _wanted(request: Request, policy: PolicyDraft) -> Wanted:
    query = request.query_params
    language, layout, rule = (query.get(name, "") for name in _PARAMETERS)
    wrong = []
    if language and language not in policy.languages:
        wrong.append(("language", "must be one of the policy's languages"))
    if layout and layout not in _LAYOUTS:
        wrong.append(("layout", f"must be one of {', '.join(_LAYOUTS)}"))
    if rule and rule not in policy.rule_ids:
        wrong.append(("rule", "must be one of the policy's region rules"))
    if wrong:
        raise InvalidQuery(wrong)
    return Wanted(language or policy.languages[0], layout, rule or policy.regions.default)
