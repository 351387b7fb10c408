"""Pictures of policies: each in its language, layer and width, named by a digest that the ledger holds."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from askfirst.core.canonical import canonical_json, digest_hex
from askfirst.core.errors import NotRendered, PolicyOvertaken
from askfirst.snippet_files import read_snippet
from askfirst.storage import tables as t
from askfirst.storage.renderings import SqlRenderings
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.renderings import Painted, Renderer, Sight, manifest_of, render_policy
from askfirst.usecases.rows import RenderingRow
from askfirst.usecases.sequence import sequence_all
from core.examples import draft
from support.altered_log import change, said, verified
from support.drafts import ANOTHER, live_site
from support.places import Home, members
from support.running_service import RunningService
from support.staff import desk, entries

pytestmark = pytest.mark.each_database


@dataclass
class Brush:
    """A painter whose pictures are the words of their page, or that has no browser."""

    reason: str = ""
    seen: list[Sight] = field(default_factory=list)

    def paint(self, sights: Sequence[Sight]) -> Painted:
        if self.reason:
            raise NotRendered(self.reason)
        self.seen += sights
        return Painted(
            "Brush 1", tuple(f"{one.language} {one.layer} {one.width} {one.frame.html}".encode() for one in sights)
        )


def renderer(brush: Brush) -> Renderer:
    return Renderer(read_snippet(), brush)


def drawn(home: Home) -> RenderingRow:
    """Publish a policy with pictures, let its entries come to their places, and return the pictures' row."""
    place = home.place
    given = draft(members(controller=ANOTHER))
    done = publish_policy(place.catalogue, "demo0001", given, reason="New.", by=place.by, renderer=renderer(Brush()))
    sequence_all(place.ledger, 1, clock=home.clock)
    (row,) = SqlRenderings(place.engine).of_policy(1, "demo0001", bytes.fromhex(done.digest))
    return row


def test_a_publication_holds_its_pictures(home: Home) -> None:
    """Both layers in each language and width; manifest, pictures and entry name each other."""
    place, brush = home.place, Brush()
    given = draft(members(controller=ANOTHER))
    done = publish_policy(place.catalogue, "demo0001", given, reason="New.", by=place.by, renderer=renderer(brush))
    renderings = SqlRenderings(place.engine)
    (row,) = renderings.of_policy(1, "demo0001", bytes.fromhex(done.digest))
    manifest = manifest_of(row)
    entry = entries(home, "policy:published")[-1]

    assert done.without is None
    assert (row.digest.hex(), None) == (entry["rendering"], entry["rendering_reason"])
    assert canonical_json(manifest) == row.manifest
    assert (1, "demo0001", done.digest, "Brush 1") == tuple(
        manifest[name] for name in ("v", "site", "policy", "browser")
    )
    wanted = [(lang, layer, width) for lang in ("en", "de") for layer in ("first", "second") for width in (1280, 360)]
    assert wanted == [(one["language"], one["layer"], one["width"]) for one in manifest["pictures"]]
    for one in manifest["pictures"]:
        image = renderings.picture(1, bytes.fromhex(one["picture"]))
        assert image is not None
        assert one["picture"] == digest_hex(image)
    assert all("Another Ltd" in sight.frame.html for sight in brush.seen)


def test_without_a_browser_the_entry_says_why_and_pictures_can_follow(home: Home) -> None:
    """As an entry of their own, once; the very same ones again are none."""
    place = home.place
    given = draft(members(controller=ANOTHER))
    nobody = renderer(Brush("there is no browser"))
    done = publish_policy(place.catalogue, "demo0001", given, reason="New.", by=place.by, renderer=nobody)
    told = entries(home, "policy:published")[-1]
    assert "there is no browser" == done.without
    assert ("none", "there is no browser") == (told["rendering"], told["rendering_reason"])
    live, renderings = live_site(home).current, SqlRenderings(place.engine)
    assert live is not None
    with pytest.raises(NotRendered, match="there is no browser"):
        render_policy(place.catalogue, renderings, live, nobody, by=place.by)
    home.clock.forward(1000)
    row, new = render_policy(place.catalogue, renderings, live, renderer(Brush()), by=place.by)
    assert new
    assert not render_policy(place.catalogue, renderings, live, renderer(Brush()), by=place.by)[1]
    assert [(done.digest, row.digest.hex())] == [
        (one["policy"], one["rendering"]) for one in entries(home, "policy:rendered")
    ]


def test_what_is_refused_or_no_news_is_not_pictured(home: Home) -> None:
    """A browser would work for nothing."""
    place, brush = home.place, Brush()
    given = {"reason": "New.", "by": place.by, "renderer": renderer(brush)}
    assert not publish_policy(place.catalogue, "demo0001", draft(members()), **given).changed
    with pytest.raises(PolicyOvertaken):
        publish_policy(place.catalogue, "demo0001", draft(members(lifetime_days=90)), expected_number=0, **given)

    assert [] == brush.seen


def test_an_altered_picture_is_not_shown(service: RunningService) -> None:
    """The page says so instead, in red words; of an altered manifest nothing is believed."""
    place = service.home.place
    given = draft(members(controller=ANOTHER))
    publish_policy(place.catalogue, "demo0001", given, reason="New.", by=place.by, renderer=renderer(Brush()))
    service.settle()
    who, path = desk(service), "/console/policies/demo0001/2/pictures?language=de"
    assert 4 == who.get(path).text.count("data:image/png")
    change(service.home, update(t.picture).values(image=b"another"))
    page = who.get(path).text
    assert "altered after they were stored" in page
    assert 0 == page.count("data:image/png")
    change(service.home, update(t.rendering).values(manifest=b"{}"))
    assert "altered after they were stored" in who.get(path).text
    assert 400 == who.get("/console/policies/demo0001/2/pictures?language=xx").status_code
    assert 404 == who.get("/console/policies/demo0001/9/pictures").status_code


@pytest.mark.parametrize(
    ("table", "values", "expected"),
    [
        (t.picture, {"image": b"another"}, "picture {picture} was altered"),
        (t.picture, None, "picture {picture} is missing"),
        (t.rendering, {"manifest": b"{}"}, "their list was altered"),
        (t.rendering, {"policy": b"\x01" * 32}, "they are filed under another policy"),
        (t.rendering, {"site_key": "shop0001"}, "they are filed under another site"),
        (t.rendering, {"rendered_at": 1}, "they are filed under another time"),
    ],
)
def test_pictures_that_somebody_altered_are_named_by_the_verification(
    home: Home, table: Any, values: dict[str, Any] | None, expected: str
) -> None:
    """The entry of the publication names their list, and the list names each picture."""
    row = drawn(home)
    first = manifest_of(row)["pictures"][0]["picture"]
    before = said(verified(home))
    hand = delete(table) if values is None else update(table).values(values)
    change(home, hand)
    (line,) = said(verified(home))

    assert [] == before
    assert line.endswith(f"the pictures {row.digest.hex()} that it announced: {expected.format(picture=first)}")


def test_pictures_that_are_gone_are_named_by_the_verification(home: Home) -> None:
    """The whole list is missing."""
    row = drawn(home)
    change(home, delete(t.rendering))
    (line,) = said(verified(home))

    assert line.endswith(f"the pictures {row.digest.hex()} that it announced are missing or were altered")


def test_pictures_that_nobody_announced_are_named_by_the_verification(home: Home) -> None:
    """Somebody put others beside those that were taken, which would be shown as the newer ones."""
    row = drawn(home)
    manifest = row.manifest.replace(b'"browser":"', b'"browser":"not ')
    stranger = replace(row, manifest=manifest, digest=hashlib.sha256(manifest).digest())
    change(home, insert(t.rendering).values(asdict(stranger)))

    assert [f"The pictures {stranger.digest.hex()} were never announced by an entry."] == said(verified(home))
