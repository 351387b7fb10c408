"""What a rule of the policy check is, so that each says its source and its mend beside what it finds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from askfirst.core.known_service import KnownService
from askfirst.core.policy import PolicyDraft
from askfirst.core.regions import RegionRule
from askfirst.core.texts import Texts

Severity = Literal["error", "warning", "note"]
Path = tuple[str | int, ...]

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
_RULE_ID: Final = re.compile(r"[A-Z]{2,3}-[1-9][0-9]?\.[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Background:
    """What a rule may know beside the policy; the core itself holds no catalogue and no language files.

    `kept_by` returns the known services that keep something of a name, `find` the known service with an id or None,
    `default_texts` the default words of a language or None, and `unreviewed` the sections of a language's default
    texts that no native speaker has read, none where there are no such texts. `preset_rule` returns the rule of a
    region preset by its id, or None.
    """

    kept_by: Callable[[str], tuple[KnownService, ...]]
    find: Callable[[str], KnownService | None]
    default_texts: Callable[[str], Texts | None]
    unreviewed: Callable[[str], tuple[str, ...]]
    preset_rule: Callable[[str], RegionRule | None]


class Fault(NamedTuple):
    """One place where a rule is not kept: the path of the member, and what is wrong there as a clause."""

    path: Path
    said: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `id` is a row of REQUIREMENTS and a word of its own; `source` is the law or guideline, `mend` what to
    do in one sentence. Raises ValueError for an id of another form.
    """

    id: str
    severity: Severity
    title: str
    source: str
    mend: str
    check: Callable[[PolicyDraft, Background], Iterator[Fault]]

    def __post_init__(self) -> None:
        if not _RULE_ID.fullmatch(self.id):
            raise ValueError(f"{self.id} is not a rule id such as ASK-3.words")


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a policy at which a rule is not kept."""

    rule: Rule
    path: Path
    said: str


def dotted(path: Path) -> str:
    """Return a path as it is written: `services.0.cookies.1`, and `policy` for the whole."""
    return ".".join(map(str, path)) or "policy"
