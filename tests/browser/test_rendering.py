"""Pictures by a real browser: the same page gives the same picture, and a record of long ago looks like its own."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from askfirst.core.errors import NotRendered
from askfirst.painting import ChromiumPainter
from askfirst.settings import Settings
from askfirst.snippet_files import read_snippet
from askfirst.storage.renderings import SqlRenderings
from askfirst.usecases.banner_frame import BannerFrame
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.renderings import Renderer, Sight, manifest_of, render_policy
from core.examples import draft
from support.drafts import ANOTHER, live_site
from support.places import members
from support.running_service import RunningService
from support.staff import desk, entries

CHROMIUM = os.environ.get("ASKFIRST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def painter(**changes: object) -> ChromiumPainter:
    return ChromiumPainter(Settings(_env_file=None, **{"chromium": CHROMIUM, **changes}))  # type: ignore[arg-type]


def test_a_record_of_long_ago_looks_like_its_picture(service: RunningService) -> None:
    """Its policy and its build were superseded: from the record's own page come the very same pixels."""
    home, place = service.home, service.home.place
    one = {"languages": ["de"], "privacy_policy": {"de": "https://www.example.org/datenschutz"}}
    asked = {**members(), **one}
    asked["texts"] = {"de": asked["texts"]["de"]}
    for purpose in asked["purposes"]:
        purpose["name"], purpose["description"] = ({"de": purpose[name]["de"]} for name in ("name", "description"))
    renderer = Renderer(read_snippet(), painter())
    publish_policy(place.catalogue, "demo0001", draft(asked), reason="With pictures.", by=place.by, renderer=renderer)
    service.settle()
    record = service.accept(language="de")["record"]
    shown = live_site(home).current
    assert shown is not None
    renderings = SqlRenderings(place.engine)
    (row,) = renderings.of_policy(1, "demo0001", shown.published.digest)
    manifest = manifest_of(row)
    assert row.digest.hex() == entries(home, "policy:published")[-1]["rendering"]
    assert [(layer, width) for layer in ("first", "second") for width in (1280, 360)] == [
        (each["layer"], each["width"]) for each in manifest["pictures"]
    ]
    pictures = {(each["layer"], each["width"]): each["picture"] for each in manifest["pictures"]}
    assert 4 == len(set(pictures.values()))

    # A later release with another build, and another policy.
    later = read_snippet()
    later = dataclasses.replace(later, boot=f"{later.boot}/* a later release */")
    publish_policy(place.catalogue, "demo0001", draft(members(controller=ANOTHER)), reason="Later.", by=place.by)
    service.node._snippet = later
    service.settle()
    who = desk(service)
    sights = []
    for layer in ("first", "second"):
        answer = who.get(f"/console/records/{record}/banner?layer={layer}&scheme=light")
        frame = BannerFrame(answer.text, answer.headers["content-security-policy"])
        sights += [Sight("de", layer, width, height, frame) for width, height in ((1280, 800), (360, 740))]
    again = painter().paint(sights)

    assert manifest["browser"] == again.browser
    for sight, image in zip(sights, again.images, strict=True):
        assert renderings.picture(1, bytes.fromhex(pictures[sight.layer, sight.width])) == image, sight.layer

    # The same pictures again are not kept twice; they are shown, held against their digests.
    assert (row.digest, False) == (
        (twice := render_policy(place.catalogue, renderings, shown, renderer, by=place.by))[0].digest,
        twice[1],
    )
    page = who.get("/console/policies/demo0001/2/pictures").text
    assert 4 == page.count("data:image/png;base64,")
    assert row.digest.hex() in page


def sleeper(folder: Path) -> str:
    """Return the path of a browser that never answers."""
    path = folder / "chromium"
    path.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("browser", "seconds", "said"),
    [
        (lambda _folder: "/nowhere/chromium", 60, "no Chromium was found"),
        (lambda _folder: "/bin/false", 60, "the browser failed"),
        (sleeper, 2, "took longer than 2 seconds|the browser failed"),
    ],
)
def test_a_broken_browser_stops_no_publication(
    service: RunningService, tmp_path: Path, browser: Callable[[Path], str], seconds: int, said: str
) -> None:
    """In bounded time the policy is published, and its entry and its page say why there is no picture."""
    place = service.home.place
    broken = painter(chromium=browser(tmp_path), picture_seconds=seconds)
    done = publish_policy(
        place.catalogue,
        "demo0001",
        draft(members(controller=ANOTHER)),
        reason="Without.",
        by=place.by,
        renderer=Renderer(read_snippet(), broken),
    )
    entry = entries(service.home, "policy:published")[-1]

    assert (2, "none") == (done.policy.number, entry["rendering"])
    with pytest.raises(NotRendered, match=said):
        raise NotRendered(entry["rendering_reason"])
    service.settle()
    assert "askfirst policy render demo0001 2" in desk(service).get("/console/policies/demo0001/2/pictures").text
