"""Pictures of a policy's banner: both layers in each language and width, so that what was asked can be seen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from askfirst.core.canonical import canonical_json, digest_hex
from askfirst.core.errors import NotRendered
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import PolicyDraft
from askfirst.core.strict_json import strict_json
from askfirst.usecases.banner_frame import (
    LAYERS,
    BannerFrame,
    SnippetBuild,
    banner_frame,
    build_of,
    previewed_script,
)
from askfirst.usecases.directory import LivePolicy
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.rows import PictureRow, RenderingRow

# Width and height of the windows: a desk and a phone.
WINDOWS: Final = ((1280, 800), (360, 740))
NONE: Final = "none"
NOT_ASKED: Final = "no rendering was asked for"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture that is wanted: which layer in which language, in a window of this size, of which page."""

    language: str
    layer: str
    width: int
    height: int
    frame: BannerFrame


@dataclass(frozen=True, slots=True)
class Painted:
    """What a browser made: its name with its version, and a PNG for each sight, in their order."""

    browser: str
    images: tuple[bytes, ...]


class Painter(Protocol):
    """A browser that takes pictures of pages which load nothing."""

    def paint(self, sights: Sequence[Sight]) -> Painted:
        """Return a PNG of each; raise NotRendered where there is no browser, or it takes too long."""
        ...


@dataclass(frozen=True, slots=True)
class Rendering:
    """The pictures of a banner, made of one build, by one browser."""

    build: str
    browser: str
    sights: tuple[Sight, ...]
    images: tuple[bytes, ...]

    def rows(self, log_id: int, site_key: str, policy: str, now: int) -> tuple[RenderingRow, list[PictureRow]]:
        """Return what is stored of it, for the policy with this digest."""
        pictures = [PictureRow(log_id, hashlib.sha256(image).digest(), image) for image in self.images]
        manifest = canonical_json(
            {
                "v": _FORMAT,
                "site": site_key,
                "policy": policy,
                "build": self.build,
                "browser": self.browser,
                "pictures": [
                    {
                        "language": sight.language,
                        "layer": sight.layer,
                        "width": sight.width,
                        "height": sight.height,
                        "picture": picture.digest.hex(),
                    }
                    for sight, picture in zip(self.sights, pictures, strict=True)
                ],
            }
        )
        digest = bytes.fromhex(digest_hex(manifest))
        return RenderingRow(log_id, digest, site_key, bytes.fromhex(policy), manifest, now), pictures


class Renderer:
    """Makes pictures of policies with the snippet that this release serves."""

    def __init__(self, snippet: SnippetBuild, painter: Painter) -> None:
        """Take the built snippet, and a browser."""
        self._snippet, self._painter = snippet, painter

    def render(self, draft: PolicyDraft, site_key: str) -> Rendering:
        """Return the pictures of a draft or policy; raise NotRendered with the reason where there are none."""
        build = build_of(draft, site_key, self._snippet)
        sights = tuple(
            Sight(language, layer, width, height, frame)
            for language in draft.languages
            for script in (previewed_script(draft, site_key, language, self._snippet),)
            for layer in LAYERS
            for frame in (banner_frame(script, language, layer=layer, scheme="light", rule=draft.regions.default),)
            for width, height in WINDOWS
        )
        painted = self._painter.paint(sights)
        return Rendering(build, painted.browser, sights, painted.images)


class Renderings(Protocol):
    """Where pictures are kept."""

    def of_policy(self, log_id: int, site_key: str, policy: bytes) -> list[RenderingRow]:
        """Return the renderings of a policy, newest first."""
        ...

    def rendering(self, log_id: int, digest: bytes) -> RenderingRow | None:
        """Return one rendering by its digest."""
        ...

    def picture(self, log_id: int, digest: bytes) -> bytes | None:
        """Return one picture, a PNG, by its digest."""
        ...


def render_policy(
    catalogue: Catalogue, renderings: Renderings, live: LivePolicy, renderer: Renderer, *, by: Acting
) -> tuple[RenderingRow, bool]:
    """Make pictures of a published policy, store them with their entry, and return them with whether they are new.

    The very same pictures again, made of the same build by the same browser, are not stored a second time. Raises
    NotRendered with the reason where there are none.
    """
    published = live.published
    rendering = renderer.render(live.policy, published.site_key)
    now = by.clock()
    row, pictures = rendering.rows(published.log_id, published.site_key, live.digest, now)
    if renderings.rendering(published.log_id, row.digest) is not None:
        return row, False
    with catalogue.transaction() as transaction:
        transaction.add_rendering(row, pictures)
        members = {"site": published.site_key, "policy": live.digest, "rendering": row.digest.hex()}
        transaction.append(staff_entry(published.log_id, EntryKind.POLICY_RENDERED, members, now=now, by=by))
    return row, True


def rendering_or_reason(
    renderer: Renderer | None, draft: PolicyDraft, site_key: str
) -> tuple[Rendering | None, str | None]:
    """Return the pictures of a draft, or None and why there are none."""
    if renderer is None:
        return None, NOT_ASKED
    try:
        return renderer.render(draft, site_key), None
    except NotRendered as error:
        return None, error.reason


def manifest_of(row: RenderingRow) -> dict[str, Any]:
    """Return what a rendering consists of, as formats.md 12 has it; nothing for a row that was altered."""
    if digest_hex(row.manifest) != row.digest.hex():
        return {}
    members = strict_json(row.manifest)
    return members if isinstance(members, dict) else {}
