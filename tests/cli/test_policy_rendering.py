"""`askfirst policy render`: pictures as files, or a sentence that says why there are none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from askfirst import painting
from askfirst.usecases.renderings import Painted, Sight
from support.command_line import CommandLine
from support.places import Home
from support.staff import entries


def test_without_pictures_it_says_why(furnished_askfirst: CommandLine, home: Home) -> None:
    """Switched off, an unknown site, a number that is none: one sentence each, and no entry."""
    said = furnished_askfirst("policy", "render", "demo0001")
    assert (1, "There is no picture of the policy: ASKFIRST_PICTURES says that none are taken.") == (
        said.code,
        said.err.strip(),
    )
    assert 1 == furnished_askfirst("policy", "render", "nobody01").code
    assert 1 == furnished_askfirst("policy", "render", "demo0001", "9").code
    assert [] == entries(home, "policy:rendered")


def test_pictures_are_kept_and_written_to_a_folder(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file for each language, layer and width; the second time nothing is new."""

    def paint(_self: object, sights: Sequence[Sight]) -> Painted:
        return Painted("Brush 1", tuple(f"{one.language} {one.layer} {one.width}".encode() for one in sights))

    monkeypatch.setattr(painting.ChromiumPainter, "paint", paint)
    first = furnished_askfirst("policy", "render", "demo0001", "--out", str(tmp_path / "pictures"))
    again = furnished_askfirst("policy", "render", "demo0001", "1")

    assert (0, 0) == (first.code, again.code), first.err + again.err
    assert "8 pictures of policy 1 by Brush 1 are kept" in first.out
    assert "the very same" in again.out
    assert 8 == len(list((tmp_path / "pictures").glob("demo0001-1-*.png")))
    assert b"de second 360" == (tmp_path / "pictures" / "demo0001-1-de-second-360.png").read_bytes()
    assert 1 == len(entries(home, "policy:rendered"))
