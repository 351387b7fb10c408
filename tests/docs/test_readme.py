"""What the README shows is true."""

import re
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner

from askfirst.cli import app
from askfirst_sdk import Askfirst, knowledge
from askfirst_sdk.fetch import Fetched, FetchError
from askfirst_sdk.tags import embed_tag
from docs.pages import ROOT
from support.places import Home

README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)]
SHELL = [textwrap.dedent(block) for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]


def unreachable(url: str, etag: str | None) -> Fetched:
    raise FetchError(f"{url} can not be reached from a test")


def test_the_python_blocks_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they stand: a check that allows nothing yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(knowledge, "fetch_descriptor", unreachable)
    names: dict[str, object] = {}
    for block in PYTHON:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102
    reader = names["askfirst"]
    assert isinstance(reader, Askfirst)
    reader.close()

    assert 1 == len(PYTHON)
    assert "render the analytics tag" not in capsys.readouterr().out


def test_the_embed_line_is_what_the_command_prints(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, the SDK and the README say the same line, but for the site key."""
    (line,) = re.findall(r"<script async.*</script>", README)
    monkeypatch.setenv("ASKFIRST_HOME", str(home.settings.home))
    monkeypatch.setenv("ASKFIRST_PUBLIC_URL", "https://consent.example.org")

    printed = CliRunner().invoke(app, ["site", "embed", "demo0001"])

    assert line.replace("www01", "demo0001") == printed.output.strip()
    assert line == embed_tag("https://consent.example.org", "www01")


def test_the_shell_blocks_name_real_commands() -> None:
    """Every `askfirst` line up to its arguments is a heading of the reference, and every option is in its table."""
    reference = (ROOT / "service" / "docs" / "cli.md").read_text(encoding="utf-8")
    lines = [line for block in SHELL for line in re.findall(r"(?:askfirst|service(?: askfirst)?) ((?!-|s:).*)", block)]
    sections = dict(re.findall(r"## `askfirst ([a-z ]+)`\n(.*?)(?=\n## |\Z)", reference, re.DOTALL))

    unknown = []
    for line in lines:
        words = line.split()
        name = next((one for one in (" ".join(words[:2]), words[0]) if one in sections), None)
        options = [word.split("=")[0] for word in words if word.startswith("--")]
        if name is None or any(f"`{option}`" not in sections[name] for option in options):
            unknown.append(line)

    assert len(lines) > 8
    assert [] == unknown


def test_the_make_targets_exist() -> None:
    """`make demo` and its like are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))

    assert {"demo", "test", "help"} <= named
    assert set() == {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)}
