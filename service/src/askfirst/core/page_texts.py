"""The words beside the banner: the list of all services for the privacy page, what stands where content is held, and
what tells that a browser's signal was heeded.

They are not members of a policy (formats.md 7): a record proves what both layers said, and these are
neither.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import model_validator

from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line, Paragraph, placeholders


class _PageTexts(StrictModel):
    # The placeholders of the texts that have some; every other text has none.
    _filled: ClassVar[dict[str, frozenset[str]]] = {}

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        for name, text in self:
            expected = sorted(self._filled.get(name, ()))
            if placeholders(text) != expected:
                raise ValueError(
                    f"{name} has the wrong placeholders: wanted are {', '.join(expected) or 'none'}, each once"
                )
        return self


class DeclarationTexts(_PageTexts):
    """What the list of all services and cookies says beyond the words of the second layer, which it uses too.

    `granted`, `refused` and `unanswered` tell the visitor's present answer; each `basis_` names what a transfer rests
    on (GDPR 45 to 49); `no_script` is for a browser in which the banner can not appear.
    """

    title: Line
    intro: Paragraph
    service: Line
    purpose: Line
    kind: Line
    kind_cookie: Line
    kind_local: Line
    kind_session: Line
    country: Line
    transfer: Line
    basis_adequacy: Line
    basis_standard_clauses: Line
    basis_binding_rules: Line
    basis_derogation: Line
    your_answer: Line
    granted: Line
    refused: Line
    unanswered: Line
    change: Line
    answer_kept: Line
    version: Line
    no_script: Paragraph


class EmbedTexts(_PageTexts):
    """What stands in the place of a video, map or post that is held until the visitor allows it.

    `name` is its accessible name, `would_do` says what loading it does, `unanswered` and `refused` why it is held.
    """

    _filled: ClassVar[dict[str, frozenset[str]]] = {
        "name": frozenset({"{service}"}),
        "would_do": frozenset({"{provider}"}),
        "means_always": frozenset({"{purpose}"}),
        "open_there": frozenset({"{service}"}),
    }

    name: Line
    would_do: Paragraph
    unanswered: Line
    refused: Line
    load_once: Line
    load_always: Line
    means_once: Line
    means_always: Line
    open_there: Line
    failed: Line


class SignalTexts(_PageTexts):
    """What tells that Global Privacy Control was heeded (REQUIREMENTS SG-6, SG-7).

    `label` stands at the edge of every page, `honoured` in the settings, and `conflict` there where an earlier answer
    granted what the signal objects to.
    """

    _filled: ClassVar[dict[str, frozenset[str]]] = {
        "honoured": frozenset({"{purposes}"}),
        "conflict": frozenset({"{purposes}"}),
    }

    label: Line
    honoured: Paragraph
    conflict: Paragraph


@dataclass(frozen=True, slots=True)
class ScriptWords:
    """The words beside a policy that its script needs in one language."""

    embed: EmbedTexts
    signal: SignalTexts
