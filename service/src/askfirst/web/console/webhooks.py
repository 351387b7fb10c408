"""Programs that are told of new entries: which there are, how far each is; adding, trying, pausing and ending one."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.rows import Webhook
from askfirst.usecases.webhooks import (
    EVENTS,
    add_webhook,
    find_webhook,
    may_see,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    shown_key,
    told,
    try_webhook,
)
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.staff_routes import OWNERS, Actor, Deed, StaffRoute

PLACE: Final = "/console/webhooks"


class WebhookPages:
    """The handlers of `/console/webhooks`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        return [
            StaffRoute(PLACE, "GET", OWNERS, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(PLACE, "POST", OWNERS, EntryKind.WEBHOOK_ADDED, self.add),
            StaffRoute(f"{PLACE}/{{webhook}}/test", "POST", OWNERS, EntryKind.WEBHOOK_TESTED, self.attempt),
            StaffRoute(f"{PLACE}/{{webhook}}/pause", "POST", OWNERS, EntryKind.WEBHOOK_PAUSED, self.pause),
            StaffRoute(f"{PLACE}/{{webhook}}/resume", "POST", OWNERS, EntryKind.WEBHOOK_RESUMED, self.resume),
            StaffRoute(f"{PLACE}/{{webhook}}/remove", "POST", OWNERS, EntryKind.WEBHOOK_REMOVED, self.remove),
        ]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: all webhooks that this reader may see, and the form for another."""
        page = await self._page(request, actor, Form([("events", event) for event in EVENTS]))
        return Deed(page, {"page": PLACE, "via": "console"})

    async def add(self, request: Request, actor: Actor) -> Deed:
        """POST: add one, and show the key that signs its messages."""
        form = await read_form(request)
        live = self._live
        own = tuple(one.site.site_key for one in sites_of(live, actor))
        sites = form.every("sites") or actor.sites

        def put() -> Webhook:
            return add_webhook(
                live.webhooks,
                live.ledger,
                actor.log_id,
                url=form.one("url").strip(),
                events=form.every("events"),
                sites=sites,
                known_sites=own,
                by=self._live.acting(actor.name),
            )

        try:
            made = await run_in_threadpool(put)
        except InvalidQuery as refused:
            return Deed(await self._page(request, actor, form, faults=dict(refused.errors)), None)
        key = shown_key(live.webhook_secret, made.webhook_id)
        return Deed(
            await self._page(request, actor, Form([("events", one) for one in EVENTS]), made=made, key=key), None
        )

    async def attempt(self, request: Request, actor: Actor) -> Deed:
        """POST: send a message that says nothing, once, and say what came of it."""
        live = self._live
        found = await run_in_threadpool(
            find_webhook, live.webhooks, actor.log_id, request.path_params["webhook"], actor.sites
        )
        sent = await run_in_threadpool(
            lambda: try_webhook(found, live.sender, live.webhook_secret, by=self._live.acting(actor.name))
        )
        form = Form([("events", event) for event in EVENTS])
        page = await self._page(request, actor, form, tried=(found.url, sent.arrived, sent.said))
        return Deed(page, {"webhook": str(UUID(bytes=found.webhook_id)), "said": sent.said})

    async def pause(self, request: Request, actor: Actor) -> Deed:
        """POST: tell it of nothing until it goes on."""
        return await self._changed(request, actor, pause_webhook, "webhooks.was_paused")

    async def resume(self, request: Request, actor: Actor) -> Deed:
        """POST: let it go on at once: one that is paused, and one that waits after failures."""
        return await self._changed(request, actor, resume_webhook, "webhooks.resumed")

    async def remove(self, request: Request, actor: Actor) -> Deed:
        """POST: tell it of nothing any more."""
        live = self._live

        def end() -> None:
            found = find_webhook(live.webhooks, actor.log_id, request.path_params["webhook"], actor.sites)
            remove_webhook(live.webhooks, found, by=self._live.acting(actor.name))

        await run_in_threadpool(end)
        return Deed(RedirectResponse(PLACE, 303), None)

    async def _changed(self, request: Request, actor: Actor, change: Callable[..., Webhook], said: str) -> Deed:
        live = self._live

        def put() -> Webhook:
            found = find_webhook(live.webhooks, actor.log_id, request.path_params["webhook"], actor.sites)
            return change(live.webhooks, found, by=live.acting(actor.name))

        changed = await run_in_threadpool(put)
        form = Form([("events", event) for event in EVENTS])
        return Deed(await self._page(request, actor, form, changed=(said, changed.url)), None)

    async def _page(
        self,
        request: Request,
        actor: Actor,
        form: Form,
        *,
        faults: dict[str, str] | None = None,
        made: Webhook | None = None,
        key: str = "",
        tried: tuple[str, bool, str] | None = None,
        changed: tuple[str, str] | None = None,
    ) -> Response:
        live = self._live

        def read() -> list[dict[str, Any]]:
            size = live.ledger.head(actor.log_id).size
            return [told(one, size) for one in live.webhooks.webhooks(actor.log_id) if may_see(one, actor.sites)]

        return self._frame.page(
            request,
            "webhooks.html",
            actor=actor,
            status=422 if faults else 200,
            given=form.given("url"),
            chosen_events=form.every("events"),
            chosen_sites=form.every("sites"),
            events=tuple(EVENTS),
            sites=[(one.site.site_key, one.site.name) for one in sites_of(live, actor)],
            faults=faults or {},
            made=made,
            key=key,
            tried=tried,
            changed=changed,
            webhooks=await run_in_threadpool(read),
        )
