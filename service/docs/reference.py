"""Write the reference pages from the code itself, so that no setting, command, entry or problem goes undocumented."""

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import typer
from pydantic.fields import FieldInfo

from askfirst.cli import app
from askfirst.core import errors
from askfirst.core.errors import Problem
from askfirst.core.kinds import FORGETTING, MEMBERS, EntryKind
from askfirst.core.rules import RULES
from askfirst.settings import PREFIX, Settings
from askfirst.web.problems import STATUS

FOLDER = Path(__file__).parent
_NOTE = "<!-- Written by `make docs` from the code; edit the code instead. -->"
_TYPES = {UUID: "UUID", str: "text", int: "whole number", bool: "yes or no", Path: "path", float: "number"}


def settings_page() -> str:
    """Return settings.md: every field of Settings."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", _field_type(field), _code(field.get_default()), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _page(
        "Settings",
        "The service reads its settings once, when it starts: from the environment, or from a file `askfirst.env` in "
        "the folder that it is started in, with the same names. The environment comes first. A setting that can not be "
        "used stops it, and all that is wrong is named at once.\n\nBeside them there is one of the environment alone, "
        "which other servers have too: `FORWARDED_ALLOW_IPS`, the addresses and networks of the web servers whose "
        "`X-Forwarded-For` and `X-Forwarded-Proto` are believed, separated by commas (`127.0.0.1,::1`). With `*` "
        "everybody is believed, and each visitor may choose the address that limits go by.",
        _table(("name", "form", "default", "meaning"), rows),
    )


def cli_page() -> str:
    """Return cli.md: every command, argument and option."""
    root = typer.main.get_command(app)
    return _page(
        "The command line",
        "`askfirst` works on the home folder that `ASKFIRST_HOME` names ([settings](settings.md)), also while the "
        "service runs. A command that fails says why in one sentence and ends with 1. `ledger verify` and `audit show` "
        "end with 2 where something is not genuine, and `policy check` where it finds an error. Every command that "
        "looks at records, or changes what holds, leaves an [entry](entries.md) in the ledger.",
        *_commands(root, "askfirst"),
    )


def entries_page() -> str:
    """Return entries.md: the kinds of ledger entries and the members of their `what` part."""
    parts = []
    for kind in EntryKind:
        parts.append(f"## `{kind}`")
        if kind not in MEMBERS:
            parts.append("A visitor's answer. Its members are those of [formats.md](formats.md), 5.1.")
            continue
        if kind in FORGETTING:
            parts.append("Its leaf names in `of` the leaf hash of the entry whose content was deleted.")
        rows = [
            (f"`{one.name}`" + ", later" * one.later, f"{one.form} or null" if one.nullable else one.form, one.meaning)
            for one in MEMBERS[kind]
        ]
        parts.append(_table(("member", "type", "meaning"), rows))
    return _page(
        "Ledger entries",
        "The closed list of what the ledger can hold. Each entry has the members `v`, `kind`, `entry` and `time` in "
        "its `what` part, and those listed here; its `who` part names the staff member or program that did it, or null "
        "for the service itself ([formats.md](formats.md), 5.1). Kinds are listed before the first entry of the kind "
        "is ever written, so that readers need not change. Entries of earlier releases do not have the members that "
        "are called later.",
        *parts,
    )


def problems_page() -> str:
    """Return problems.md: every problem document that an API can answer with."""
    kinds = {kind.code: kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, Problem)}
    rows = [(f"`{code}`", str(status), kinds[code].title, _doc(kinds[code])) for code, status in STATUS.items()]
    return _page(
        "Problems",
        "Every refusal of every API is a problem document (RFC 9457, [formats.md](formats.md), 6.3). Its `type` is "
        "`/problems/<code>`, an address of the service that explains it; `detail` is a sentence about this very "
        "request.",
        _table(("code", "status", "title", "when"), rows),
    )


def rules_page() -> str:
    """Return rules.md: every rule of the policy check."""
    rows = [(f"`{rule.id}`", rule.severity, rule.title, rule.source, rule.mend) for rule in RULES]
    return _page(
        "The rules of the policy check",
        "`askfirst policy check FILE` holds a site file against these rules and says for each finding where in the "
        "file it is, what is wrong and what would mend it. It is a careful reader and no lawyer: that it finds nothing "
        "does not make a banner lawful, and its reading of the sources is that of engineers.",
        "- An **error** stops publication. An owner who has a reason publishes with `--override` and the rule's id; "
        "the ids and the reason become part of the [ledger](entries.md). Only a rule that has an error can be "
        "overridden.\n"
        "- A **warning** stops nothing: either it may be right where only the operator can know, or it is a hint.\n"
        "- A **note** is worth a look.\n"
        "- `FORM` is no rule of the table: the file is not of the [policy format](formats.md#7-policy), and nobody can "
        "override that.",
        "The first part of an id names the requirement (asking, withdrawing, proving, signals, regions, staff and "
        "safety), the second the rule. Ids are never used again for something else.",
        "The policy format itself keeps some promises, so that no rule has to: an answer lasts as long after a refusal "
        "as after an acceptance; every text is there in every language; the first layer holds the controller and the "
        "optional purposes; accepting, refusing and settings are on the first layer; no switch is on at the start of "
        "an `opt_in` purpose; every service has a provider, and everything that it keeps has a duration.",
        "Words that mislead or push are known in some languages only, English and German most of all; in the "
        "others, somebody has to read.",
        _table(("id", "severity", "rule", "source", "mend"), rows),
    )


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "cli.md": cli_page,
    "entries.md": entries_page,
    "problems.md": problems_page,
    "rules.md": rules_page,
}


def _commands(command: Any, path: str) -> Iterable[str]:
    yield f"## `{path}`"
    yield _doc_text(command.help or "")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    context = typer.Context(command)
    below = {name: command.get_command(context, name) for name in getattr(command, "commands", ())}
    if not below:
        yield "    " + " ".join([path, *(f"{one.name.upper()}" for one in arguments), *(["[OPTIONS]"] * bool(options))])
    rows = [
        (_spelled(one), _type(one.type_descriptor.annotation), _need(one), _doc_text(one.help or ""))
        for one in command.params
    ]
    if rows:
        yield _table(("argument or option", "form", "default", "meaning"), rows)
    for name, inner in below.items():
        yield from _commands(inner, f"{path} {name}")


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{one}`" for one in (*parameter.opts, *parameter.secondary_opts))


def _need(parameter: Any) -> str:
    if parameter.required:
        return "needed, may be repeated" if parameter.multiple else "needed"
    return "may be repeated" if parameter.multiple else _code(parameter.default)


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{one}`" for one in get_args(annotation))
    plain = [one for one in get_args(annotation) if one is not NoneType]
    if plain:
        return _type(plain[0])
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return " or ".join(f"`{one.value}`" for one in annotation)
    return _TYPES[annotation]


def _field_type(field: FieldInfo) -> str:
    bounds = {name: getattr(one, name) for one in field.metadata for name in ("ge", "le") if hasattr(one, name)}
    limits = f", {bounds['ge']:,} to {bounds['le']:,}" if bounds.keys() == {"ge", "le"} else ""
    return _type(field.annotation) + limits


def _code(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or value == "" else f"`{value}`"


def _doc(kind: type) -> str:
    return _doc_text(inspect.getdoc(kind) or "")


def _doc_text(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("<", "&lt;")).strip()


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", _NOTE, *parts)) + "\n"


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
