"""The API of pictures: which there are of a policy's banner, each as it was taken, and taking them later."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.core.canonical import digest_hex
from askfirst.core.errors import NotFound, NotRendered, Unavailable
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.renderings import manifest_of, render_policy
from askfirst.usecases.rows import RenderingRow
from askfirst.web.live import Live
from askfirst.web.picture_operations import LIST_PICTURES, READ_PICTURE, TAKE_PICTURES
from askfirst.web.policy_api import parameters, seen, site_of, version_of
from askfirst.web.staff_routes import EDITORS, EVERYBODY, Actor, Deed, StaffRoute


def picture_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of pictures."""

    async def listed(request: Request, actor: Actor) -> Deed:
        parameters(request)
        one = version_of(site_of(live, actor, request), request.path_params["number"])
        key = one.published.site_key
        rows = await run_in_threadpool(live.renderings.of_policy, actor.log_id, key, one.published.digest)
        return seen(request, {"renderings": [_told(row) for row in rows]})

    async def taken(request: Request, actor: Actor) -> Deed:
        parameters(request)
        one = version_of(site_of(live, actor, request), request.path_params["number"])
        by = live.acting(actor.name)

        def render() -> tuple[RenderingRow, bool]:
            return render_policy(live.catalogue, live.renderings, one, live.renderer, by=by)

        try:
            row, new = await run_in_threadpool(render)
        except NotRendered as error:
            raise Unavailable(60, error.reason) from None
        if not new:
            # Nothing was stored, so that its entry is not there; that somebody asked is told all the same.
            members = {"page": request.url.path, "via": "api"}
            await live.writer.append(staff_entry(actor.log_id, EntryKind.PAGE_VIEWED, members, now=live.clock(), by=by))
        return Deed(JSONResponse(_told(row), 201 if new else 200), None)

    async def read(request: Request, actor: Actor) -> Deed:
        parameters(request)
        one = version_of(site_of(live, actor, request), request.path_params["number"])
        digest = request.path_params["digest"]
        key = one.published.site_key
        rows = await run_in_threadpool(live.renderings.of_policy, actor.log_id, key, one.published.digest)
        known = {picture["picture"] for row in rows for picture in manifest_of(row).get("pictures", ())}
        # What is no picture of this very policy is not there for who asks for it here.
        image = None
        if digest in known:
            image = await run_in_threadpool(live.renderings.picture, actor.log_id, bytes.fromhex(digest))
        if image is None or digest_hex(image) != digest:
            raise NotFound("This policy has no such picture, or it was altered.")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
        return Deed(Response(image, media_type="image/png", headers=headers), {"page": request.url.path, "via": "api"})

    base = "/api/v1/sites/{site}/policies/{number}/pictures"
    return [
        StaffRoute(base, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, listed, says=LIST_PICTURES),
        StaffRoute(f"{base}/{{digest}}", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, read, says=READ_PICTURE),
        StaffRoute(base, "POST", EDITORS, EntryKind.POLICY_RENDERED, taken, says=TAKE_PICTURES),
    ]


def _told(row: RenderingRow) -> dict[str, object]:
    """Return a rendering with its pictures; `manifest` is empty where it was altered."""
    return {"rendering": row.digest.hex(), "rendered_at": row.rendered_at, "manifest": manifest_of(row)}
