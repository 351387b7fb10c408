"""The JSON API of webhooks: add one, list them, try, pause and resume one, remove one."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.rows import Webhook
from askfirst.usecases.webhooks import (
    EVENTS,
    URL,
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
from askfirst.web.api_schemas import UUID as UUID_SCHEMA
from askfirst.web.api_schemas import closed
from askfirst.web.json_bodies import read_members
from askfirst.web.live import Live
from askfirst.web.operations import Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import OWNERS, Actor, Deed, Handler, StaffRoute

PLACE: Final = "/api/v1/webhooks"
_MOST: Final = 100


def webhook_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of webhooks."""
    room, secret = live.webhooks, live.webhook_secret

    async def add(request: Request, actor: Actor) -> Deed:
        url, events, sites = read_webhook(await read_members(request, "A webhook"))
        own = live.directory.site_keys(actor.log_id)
        if actor.sites is not None:
            sites, own = (actor.sites if sites is None else sites), actor.sites
        by = live.acting(actor.name)

        def put() -> dict[str, object]:
            made = add_webhook(
                room, live.ledger, actor.log_id, url=url, events=events, sites=sites, known_sites=own, by=by
            )
            return {**told(made, made.position), "key": shown_key(secret, made.webhook_id)}

        return Deed(JSONResponse(await run_in_threadpool(put), 201), None)

    async def listing(_request: Request, actor: Actor) -> Deed:
        found = await run_in_threadpool(room.webhooks, actor.log_id)
        head = await run_in_threadpool(live.ledger.head, actor.log_id)
        webhooks = [told(one, head.size) for one in found if may_see(one, actor.sites)]
        return Deed(JSONResponse({"webhooks": webhooks}), {"page": PLACE, "via": "api"})

    async def attempt(request: Request, actor: Actor) -> Deed:
        found = await run_in_threadpool(find_webhook, room, actor.log_id, request.path_params["webhook"], actor.sites)
        by = live.acting(actor.name)
        sent = await run_in_threadpool(lambda: try_webhook(found, live.sender, secret, by=by))
        members = {"webhook": str(UUID(bytes=found.webhook_id)), "said": sent.said}
        return Deed(JSONResponse({"arrived": sent.arrived, "said": sent.said}), members)

    async def remove(request: Request, actor: Actor) -> Deed:
        by = live.acting(actor.name)

        def end() -> None:
            found = find_webhook(room, actor.log_id, request.path_params["webhook"], actor.sites)
            remove_webhook(room, found, by=by)

        await run_in_threadpool(end)
        return Deed(JSONResponse({"removed": request.path_params["webhook"].lower()}), None)

    def changing(change: Callable[..., Webhook]) -> Handler:
        async def changed(request: Request, actor: Actor) -> Deed:
            by = live.acting(actor.name)

            def put() -> dict[str, object]:
                found = find_webhook(room, actor.log_id, request.path_params["webhook"], actor.sites)
                return told(change(room, found, by=by), live.ledger.head(actor.log_id).size)

            return Deed(JSONResponse(await run_in_threadpool(put)), None)

        return changed

    pause, resume = changing(pause_webhook), changing(resume_webhook)
    return [
        StaffRoute(PLACE, "POST", OWNERS, EntryKind.WEBHOOK_ADDED, add, says=_ADD),
        StaffRoute(PLACE, "GET", OWNERS, EntryKind.PAGE_VIEWED, listing, says=_LIST),
        StaffRoute(f"{PLACE}/{{webhook}}/test", "POST", OWNERS, EntryKind.WEBHOOK_TESTED, attempt, says=_TEST),
        StaffRoute(f"{PLACE}/{{webhook}}/pause", "POST", OWNERS, EntryKind.WEBHOOK_PAUSED, pause, says=_PAUSE),
        StaffRoute(f"{PLACE}/{{webhook}}/resume", "POST", OWNERS, EntryKind.WEBHOOK_RESUMED, resume, says=_RESUME),
        StaffRoute(f"{PLACE}/{{webhook}}", "DELETE", OWNERS, EntryKind.WEBHOOK_REMOVED, remove, says=_REMOVE),
    ]


def read_webhook(members: dict[str, object]) -> tuple[str, tuple[str, ...], tuple[str, ...] | None]:
    """Return address, events and sites of a body; InvalidQuery naming every fault."""
    faults = [(name[:64], "is no member here") for name in members if name not in ("url", "events", "sites")]
    url, events, sites = members.get("url"), members.get("events", list(EVENTS)), members.get("sites")
    if not isinstance(url, str):
        faults.append(("url", "must be a text"))
    lists: dict[str, tuple[str, ...] | None] = {"events": None, "sites": None}
    for name, value in (("events", events), ("sites", sites)):
        if isinstance(value, list) and len(value) <= _MOST and all(isinstance(one, str) for one in value):
            lists[name] = tuple(value)
        elif name in members or value is not None:
            faults.append((name, "must be a list of texts"))
    if faults or not isinstance(url, str):
        raise InvalidQuery(faults)
    return url, lists["events"] or (), lists["sites"]


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True, "maxItems": _MOST}


_WHICH: Final = (Parameter("webhook", UUID_SCHEMA, "The webhook's id."),)
_ADD: Final = Operation(
    "addWebhook",
    "Tell an address of what happens from now on.",
    "webhooks",
    json_answer("The webhook, and the key that signs its messages.", ref("NewWebhook")),
    body=closed(
        {
            "url": {"type": "string", "pattern": f"^{URL}$"},
            "events": _some({"enum": list(EVENTS)}),
        },
        optional=("events",),
    ),
    status=201,
)
_LIST: Final = Operation("listWebhooks", "List webhooks.", "webhooks", json_answer("All webhooks.", ref("Webhooks")))
_TEST: Final = Operation(
    "testWebhook",
    "Send a message that says nothing, once.",
    "webhooks",
    json_answer("What came of it.", ref("WebhookTest")),
    path=_WHICH,
)
_PAUSE: Final = Operation(
    "pauseWebhook",
    "Tell it of nothing until it goes on; what happens meanwhile waits.",
    "webhooks",
    json_answer("The webhook.", ref("Webhook")),
    path=_WHICH,
)
_RESUME: Final = Operation(
    "resumeWebhook",
    "Let it go on at once where it was: after a pause, or without waiting after failures.",
    "webhooks",
    json_answer("The webhook.", ref("Webhook")),
    path=_WHICH,
)
_REMOVE: Final = Operation(
    "removeWebhook", "Tell it of nothing any more.", "webhooks", json_answer("Its id.", ref("Removed")), path=_WHICH
)
