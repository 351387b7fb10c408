"""Publishing a draft: what would differ, who would be asked again, what the check says, and why it is done."""

from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import BadName, BadOverride, Fault, Forbidden, InvalidPolicy, PolicyOvertaken, RulesBroken
from askfirst.core.kinds import EntryKind
from askfirst.core.policy_diff import Change, causes, differences
from askfirst.core.roles import Role
from askfirst.usecases.drafts import number_of
from askfirst.usecases.publish_policy import publish_policy
from askfirst.web.console.editor.desk import Opened, acting, editing_route, open_desk
from askfirst.web.console.editor.pages import DraftPages
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.policies import PLACE
from askfirst.web.console.policy import in_words
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was published: `what` names the message; `faults` are by field; `said` is a sentence of its own."""

    what: str = ""
    status: int = 200
    said: str = ""
    faults: dict[str, str] = field(default_factory=dict)


class Publishing:
    """The handlers of `/console/policies/SITE/draft/publish`."""

    def __init__(self, live: Live, pages: DraftPages) -> None:
        """Take what handlers share, and the editor's pages."""
        self._live, self._pages = live, pages

    def routes(self) -> list[StaffRoute]:
        """Return the addresses."""
        path = f"{PLACE}/{{site}}/draft/publish"
        return [
            StaffRoute(path, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.ask),
            editing_route("/publish", EntryKind.POLICY_PUBLISHED, self.publish),
        ]

    async def ask(self, request: Request, actor: Actor) -> Deed:
        """GET: what a publication would change, and the form for it."""
        opened = await open_desk(self._live, request, actor)
        page = await self._page(request, actor, opened, Form([]), Refused())
        return Deed(page, {"page": f"{opened.address}/publish", "via": "console"})

    async def publish(self, request: Request, actor: Actor) -> Deed:
        """POST: publish. Whatever stands against it is told, and nothing is stored then."""
        form, opened = await read_form(request), await open_desk(self._live, request, actor)
        override = form.every("override")
        if override and actor.role is not Role.OWNER:
            raise Forbidden("Only owners may publish against a rule of the check.")
        refused = await self._attempt(actor, opened, form, override)
        if refused is not None:
            return Deed(await self._page(request, actor, opened, form, refused), None)
        newest = number_of(self._live.directory.sites[opened.key])
        return Deed(RedirectResponse(f"{PLACE}/{opened.key}/{newest}", 303), None)

    async def _attempt(self, actor: Actor, opened: Opened, form: Form, override: tuple[str, ...]) -> Refused | None:
        draft = opened.checked.draft
        if not opened.is_version(form):
            return Refused("conflict", 409)
        if draft is None:
            return Refused("unfinished", 422)

        def work() -> None:
            publish_policy(
                self._live.catalogue,
                opened.key,
                draft,
                reason=" ".join(form.one("reason").split()),
                by=acting(self._live, actor),
                ask_again=form.one("ask_again") == "yes",
                expected_number=opened.draft.based_on,
                override=override,
                renderer=self._live.renderer,
            )
            # Whoever saved meanwhile keeps their draft, and is told of this policy.
            self._live.drafts.drop(opened.site.site.log_id, opened.key, opened.draft.version, None)
            self._live.refresh()

        try:
            await run_in_threadpool(work)
        except (PolicyOvertaken, RulesBroken, BadName, BadOverride, InvalidPolicy) as error:
            return _refusal(error)
        return None

    async def _page(self, request: Request, actor: Actor, opened: Opened, form: Form, refused: Refused) -> Response:
        draft, current = opened.checked.draft, opened.site.current

        def compare() -> list[Change]:
            return list(differences(current.policy, draft)) if draft and current else []

        changes = await run_in_threadpool(compare)
        broken = sorted({one.rule for one in opened.checked.errors}) if draft else []
        return self._pages.page(
            request,
            actor,
            opened,
            "draft_publish.html",
            status=refused.status,
            refused=refused,
            given=form.given("reason", "ask_again"),
            chosen=form.every("override"),
            broken=broken,
            is_owner=actor.role is Role.OWNER,
            current=current,
            changes=[in_words(change) for change in changes],
            would_ask=causes(changes),
            same=draft is not None and current is not None and not changes,
        )


def _refusal(error: Fault) -> Refused:
    match error:
        case PolicyOvertaken():
            return Refused("overtaken", 409)
        case RulesBroken():
            return Refused("broken", 422)
        case BadName():
            return Refused(status=422, faults={"reason": f"must be {error.form}"})
        case BadOverride():
            return Refused("override", 422, said=str(error))
        case _:
            return Refused("unfinished", 422, said=str(error))
