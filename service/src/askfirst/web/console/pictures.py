"""Pictures of a published policy's banner, held against their digests before they are shown."""

import base64
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.canonical import digest_hex
from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import LivePolicy
from askfirst.usecases.publication_entry import publication_entry
from askfirst.usecases.renderings import manifest_of
from askfirst.usecases.rows import RenderingRow
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.policies import PLACE
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """One picture: what it shows, its digest, and its bytes in base64; None where they are not those of the digest."""

    layer: str
    width: int
    height: int
    digest: str
    image: str | None


@dataclass(frozen=True, slots=True)
class ShownRendering:
    """One rendering in one language; `whole` is False where its manifest or a picture was altered."""

    row: RenderingRow
    manifest: dict[str, Any]
    pictures: tuple[ShownPicture, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is what its digest says."""
        return bool(self.manifest) and all(one.image is not None for one in self.pictures)


class PicturesPage:
    """The handler of `/console/policies/SITE/NUMBER/pictures`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        path = f"{PLACE}/{{site}}/{{number}}/pictures"
        return [StaffRoute(path, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the pictures in one language, newest first."""
        key, number = request.path_params["site"], request.path_params["number"]
        site = next((one for one in sites_of(self._live, actor) if one.site.site_key == key), None)
        policies = site.policies.values() if site else ()
        live = next((one for one in policies if str(one.policy.number) == number), None)
        if site is None or live is None:
            raise NotFound
        language = request.query_params.get("language") or live.policy.languages[0]
        if language not in live.policy.languages:
            raise InvalidQuery([("language", "must be one of the policy's languages")])
        page = self._frame.page(
            request,
            "pictures.html",
            actor=actor,
            site=site.site,
            number=live.policy.number,
            policy=live.policy,
            language=language,
            renderings=await run_in_threadpool(self._renderings, live, language),
            reason=await run_in_threadpool(self._reason, live),
        )
        return Deed(page, {"page": f"{PLACE}/{key}/{number}/pictures", "via": "console"})

    def _renderings(self, live: LivePolicy, language: str) -> list[ShownRendering]:
        log_id, key = live.published.log_id, live.published.site_key
        rows = self._live.renderings.of_policy(log_id, key, live.published.digest)
        return [self._rendering(row, language) for row in rows]

    def _rendering(self, row: RenderingRow, language: str) -> ShownRendering:
        manifest = manifest_of(row)
        pictures = []
        for one in manifest.get("pictures", []):
            if one["language"] == language:
                image = self._live.renderings.picture(row.log_id, bytes.fromhex(one["picture"])) or b""
                same = digest_hex(image) == one["picture"]
                shown = base64.b64encode(image).decode() if same else None
                pictures.append(ShownPicture(one["layer"], one["width"], one["height"], one["picture"], shown))
        return ShownRendering(row, manifest, tuple(pictures))

    def _reason(self, live: LivePolicy) -> str:
        said = publication_entry(self._live.overview, live.published).get("rendering_reason")
        return said if isinstance(said, str) else ""
