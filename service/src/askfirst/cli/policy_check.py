"""`askfirst policy check`: what the law, the guidelines and the policy format have against a site file."""

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from askfirst.core.errors import ConfigurationFault
from askfirst.core.policy import MAX_POLICY_BYTES
from askfirst.core.rules import SEVERITIES
from askfirst.output import say, say_json
from askfirst.settings import read_settings
from askfirst.site_file import site_file_schema
from askfirst.usecases.check_file import Told, check_file

_ERRORS_FOUND = 2


def register(app: typer.Typer) -> None:
    """Add the command to those of policies."""
    app.command("check")(check)
    app.command("schema")(schema)


class Form(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


def schema() -> None:
    """Print the JSON Schema of site files; a running service has it at /schema/site-file/1."""
    say_json(site_file_schema(read_settings().public_url))


def check(
    file: Annotated[Path, typer.Argument(help="The site file, YAML or JSON.")],
    form: Annotated[Form, typer.Option("--format", help="How the findings are printed.")] = Form.TEXT,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check a site file against its format and every rule, and say what would mend it. Nothing is published."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        raise ConfigurationFault([(str(file), f"can not be read: {error.strerror}")]) from None
    found = check_file(data)
    if json or form is Form.JSON:
        say_json({"v": 1, "findings": [asdict(one) for one in found], "count": _counts(found)})
    else:
        for one in found:
            place = file.name if one.line is None else f"{file.name}:{one.line}:{one.column}"
            said = _shown(one.said)
            end = "" if said.endswith("?") else "."
            say(f"{place}: {one.severity} {one.rule}: {_shown(one.path)}: {said}{end} {one.mend}")
        say(f"{', '.join(f'{count} {name}' for name, count in _counts(found).items())}.")
    if any(one.severity == "error" for one in found):
        raise typer.Exit(_ERRORS_FOUND)


def _counts(found: Iterable[Told]) -> dict[str, int]:
    severities = [one.severity for one in found]
    return {f"{severity}s": severities.count(severity) for severity in SEVERITIES}


def _shown(text: str) -> str:
    """Return a text of the file without what would steer a terminal."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "�" for one in text)
