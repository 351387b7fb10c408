"""Read a site file: JSON or YAML, short or whole, into a draft, or into everything that is wrong with it at once."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Literal

from pydantic import ValidationError

from askfirst.core.places import Place
from askfirst.core.policy import MAX_POLICY_BYTES, PolicyDraft
from askfirst.core.policy_faults import Path, told
from askfirst.site_file.expand import expand
from askfirst.site_file.expansion import Expansion
from askfirst.site_file.json_source import read_json
from askfirst.site_file.outline import contradictions_among
from askfirst.site_file.source import Source, UnreadableSourceError
from askfirst.site_file.yaml_source import read_yaml

_MEND: Final = "Write the member as the schema of site files says: askfirst policy schema."
_TOO_LONG_MEND: Final = "Take out what no visitor reads; sixty services in thirty languages fit."
_MENDS: Final = {
    "has no text in": "Write it in every language of the file, or take the language out of languages.",
    "has a text in": "Add the language to languages, or take the text out.",
    "is not among the purposes": "Add it to purposes, or name one that is there.",
    "is no member": "Take it out, or give it the name that the schema has: askfirst policy schema.",
    "is missing": "Add the member; the schema says how: askfirst policy schema.",
}
# More would not be read by anybody; what is left is found at the next check.
_MOST: Final = 200


Form = Literal["json", "yaml"]


@dataclass(frozen=True, slots=True)
class FileFault:
    """Something wrong in a file: the member as it is called there, where it stands (None: the whole file is meant),
    what is wrong as a clause, and what would mend it."""

    member: str
    place: Place | None
    said: str
    mend: str


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that was read. `draft` is None where something is wrong, and then `faults` says what."""

    draft: PolicyDraft | None
    faults: tuple[FileFault, ...]
    source: Source | None = None
    expansion: Expansion | None = None

    def member(self, path: Path) -> str:
        """Return what a member of the draft is called in the file, or what it was filled in for."""
        dotted = ".".join(map(str, path))
        return (self.expansion.origin(dotted) if self.expansion else dotted) or "policy"

    def place(self, path: Path) -> Place | None:
        """Return where a member of the draft stands in the file, or what it was filled in for."""
        return None if self.source is None else self.source.places.of_dotted(self.member(path))


def read_site_file(data: bytes, form: Form | None = None) -> SiteFile:
    """Return the draft in the bytes of a site file, or all that is wrong. It never raises.

    Where `form` does not say what it is, a text that begins with `{` is read as JSON, every other as YAML.
    """
    if len(data) > MAX_POLICY_BYTES:
        said = f"the file is longer than {MAX_POLICY_BYTES:,} bytes"
        return SiteFile(None, (FileFault("file", None, said, _TOO_LONG_MEND),))
    try:
        source = _source(data, form)
    except UnreadableSourceError as error:
        return SiteFile(None, (FileFault("file", error.place, error.said, error.mend),))
    if not isinstance(source.value, dict):
        fault = FileFault("file", Place(1, 1), "it has no members", "Begin with controller, languages and so on.")
        return SiteFile(None, (fault,))
    expansion = expand(source.value)
    read = SiteFile(None, (), source, expansion)
    draft, faults = _drafted(expansion.members)
    found = [
        *expansion.faults[:_MOST],
        *(
            (expansion.origin(".".join(map(str, path))) or "file", said, _mend(path, said))
            for path, said in faults[: 2 * _MOST]
        ),
    ]
    if draft is not None and not found:
        return replace(read, draft=draft)
    placed = [FileFault(member, source.places.of_dotted(member), said, mend) for member, said, mend in found]
    return replace(read, faults=tuple(sorted(dict.fromkeys(placed), key=lambda one: one.place or Place(0, 0))[:_MOST]))


def _source(data: bytes, form: Form | None) -> Source:
    mend = "Save the file in UTF-8, without a byte order mark."
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise UnreadableSourceError(f"byte {error.start + 1:,} is not UTF-8", place, mend) from None
    if text.startswith("\ufeff"):
        raise UnreadableSourceError("the file begins with a byte order mark", Place(1, 1), mend)
    as_json = text.lstrip().startswith("{") if form is None else form == "json"
    source = read_json(text) if as_json else read_yaml(text)
    try:
        _encoded(source.value)
    except UnicodeEncodeError:
        raise UnreadableSourceError("it holds half a character", None, mend) from None
    return source


def _encoded(value: object) -> None:
    """Raise UnicodeEncodeError for a text with half of a surrogate pair, which an escape can name."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            one.encode("utf-8")
        elif isinstance(one, dict):
            stack += [*one, *one.values()]
        elif isinstance(one, list):
            stack += one


def _drafted(members: dict[str, Any]) -> tuple[PolicyDraft | None, list[tuple[Path, str]]]:
    """Return the draft, or everything that is wrong: what is wrong by itself, and what contradicts each other."""
    try:
        # Strict types from JSON are those of the format: lists are lists, and keys are texts.
        return PolicyDraft.model_validate_json(json.dumps(members, ensure_ascii=False).encode()), []
    except ValidationError as error:
        found = told(error, member_names())
    # Between parts of a wrong form nothing is compared, so it is done here with what has the right one.
    return None, [*found, *(((member,), said) for member, said in contradictions_among(members))]


@cache
def member_names() -> tuple[str, ...]:
    """Return every name that a member can have somewhere in a site file."""
    schema = PolicyDraft.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    return tuple(dict.fromkeys(["presets", *(name for part in parts for name in part.get("properties", ()))]))


def _mend(path: Path, said: str) -> str:
    if path[:1] == ("theme",) and "text" in said:
        return "Put colours in quotes: in YAML, # begins a comment."
    return next((mend for start, mend in _MENDS.items() if said.startswith(start)), _MEND)
