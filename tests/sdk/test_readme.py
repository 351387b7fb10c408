"""The README of the SDK runs."""

import re
from pathlib import Path

import pytest

import askfirst_sdk
from askfirst_sdk import knowledge
from askfirst_sdk.fetch import Fetched, FetchError

README = (Path(askfirst_sdk.__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def unreachable(url: str, etag: str | None) -> Fetched:
    raise FetchError(f"{url} can not be reached from a test")


def test_every_python_block_runs_in_order(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Top to bottom in one namespace, as a reader would try it; nothing is allowed without a receipt."""
    monkeypatch.setattr(knowledge, "fetch_descriptor", unreachable)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        for block in blocks:
            exec(compile(block, "README.md", "exec"), names)  # noqa: S102
            askfirst = names.get("askfirst")
            if isinstance(askfirst, askfirst_sdk.Askfirst):
                askfirst.close()
    finally:
        said = capsys.readouterr().out

    assert 10 == len(blocks)
    assert "render the analytics tag" not in said
    assert "keys_not_loaded - The site's keys" in said
