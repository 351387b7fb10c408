"""Make and revoke API tokens in the console, for owners of the whole organisation."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import InvalidAccount, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.tokens import issue_token, revoke_token
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.staff import PLACE, site_names
from askfirst.web.live import Live
from askfirst.web.staff_routes import OWNERS, Actor, Deed, StaffRoute

_DEFAULT_DAYS = "90"


class TokenPages:
    """The handlers of `/console/staff/tokens/…`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        declared = (
            (f"{PLACE}/tokens/add", "GET", EntryKind.PAGE_VIEWED, self.adding),
            (f"{PLACE}/tokens/add", "POST", EntryKind.TOKEN_CREATED, self.add),
            (f"{PLACE}/tokens/{{token}}/revoke", "POST", EntryKind.TOKEN_REVOKED, self.revoke),
        )
        return [StaffRoute(path, method, OWNERS, entry, deed, whole=True) for path, method, entry, deed in declared]

    async def adding(self, request: Request, actor: Actor) -> Deed:
        """GET: the form for a new token."""
        form = Form([("role", Role.AUDITOR), ("days", _DEFAULT_DAYS)])
        page = self._page(request, actor, form)
        return Deed(page, {"page": request.url.path, "via": "console"})

    async def add(self, request: Request, actor: Actor) -> Deed:
        """POST: make a token, and show it this once."""
        form = await read_form(request)

        def issue() -> str:
            return issue_token(
                self._live.staff,
                actor.log_id,
                name=form.one("name").strip(),
                role=form.one("role"),
                sites=form.every("sites") or None,
                days=_days(form.one("days")),
                by=self._live.acting(actor.name),
            )

        try:
            secret = await run_in_threadpool(issue)
        except InvalidAccount as refused:
            return Deed(self._page(request, actor, form, faults=dict(refused.errors)), None)
        return Deed(self._page(request, actor, form, secret=secret), None)

    async def revoke(self, request: Request, actor: Actor) -> Deed:
        """POST: end a token now."""
        try:
            token_id = UUID(request.path_params["token"]).bytes
        except ValueError:
            raise NotFound("This organisation has no token with this id.") from None
        await run_in_threadpool(
            revoke_token, self._live.staff, actor.log_id, token_id, by=self._live.acting(actor.name)
        )
        return Deed(RedirectResponse(PLACE, 303), None)

    def _page(
        self,
        request: Request,
        actor: Actor,
        form: Form,
        *,
        faults: dict[str, str] | None = None,
        secret: str | None = None,
    ) -> Response:
        return self._frame.page(
            request,
            "token_add.html",
            actor=actor,
            status=422 if faults else 200,
            given={**form.given("name", "role", "days"), "sites": form.every("sites")},
            roles=list(Role),
            sites=site_names(self._live, actor),
            faults=faults or {},
            secret=secret,
        )


def _days(text: str) -> int:
    """Return a number of days; 0, which no token lasts, for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
