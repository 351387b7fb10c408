"""Every field of the editor has a name in every language, and stands for a member that a policy has."""

from typing import Any

import pytest

from askfirst.core.policy import PolicyDraft
from askfirst.core.texts import Texts
from askfirst.web.console.editor.fields import Choice, Field, Group, put, read
from askfirst.web.console.editor.part import View
from askfirst.web.console.editor.parts import PARTS
from askfirst.web.console.editor.words import text_names
from askfirst.web.console.language import languages
from askfirst.web.console.words import words_of
from core.examples import draft, whole


def views() -> list[tuple[Any, View]]:
    members = draft(whole(theme={})).model_dump(mode="json")
    return [
        (part, View(members, language, item))
        for part in PARTS
        for language in members["languages"]
        for item in ((None, 0, 1) if part.items else (None,))
    ]


def shown() -> list[tuple[Group, Field | None]]:
    found: list[tuple[Group, Field | None]] = []
    for part, view in views():
        for group in part.groups(view):
            found += [(group, None), *((group, field) for field in group.fields)]
        found += [(Group(adding.key), field) for adding in part.adds(view) for field in adding.fields]
    return found


@pytest.mark.parametrize("tag", languages())
def test_everything_has_a_name_in_every_language(tag: str) -> None:
    """Groups, fields, hints, choices and buttons; a text of the banner that came later is shown by its own name."""
    words = words_of(tag)
    keys: set[str] = set()
    for group, field in shown():
        keys |= {group.key, group.lead, *(action.key for action in group.actions)}
        if field is not None:
            choices: tuple[Choice, ...] = field.choices
            keys |= {field.key, field.hint, *(choice.key for choice in choices)}
            assert field.key or field.named, field
    keys |= {key for part in PARTS for key in (f"part.{part.name}", f"part.{part.name}_lead")}

    assert [] == sorted(key for key in keys if key and not words.has(key) and not key.startswith("text."))
    assert {f"text.{name}" for name in _ever_named()} <= {f"text.{name}" for name in text_names()}


def _ever_named() -> set[str]:
    return set(languages()["en"].messages["text"])


def test_every_member_of_a_policy_has_its_part() -> None:
    """One that is added to the format is missed here."""
    edited = {member for part in PARTS for member in part.members}

    assert set(PolicyDraft.model_fields) - {"embeds", "marks"} <= edited


def test_every_text_can_be_written() -> None:
    """All of them on the page of words, in each language."""
    members = draft(whole(theme={})).model_dump(mode="json")
    part = next(part for part in PARTS if part.name == "words")
    names = {
        field.path[2]
        for group in part.groups(View(members, "de"))
        for field in group.fields
        if field.path[0] == "texts"
    }

    assert {field.alias or name for name, field in Texts.model_fields.items()} == names


def test_a_value_is_put_where_it_belongs_and_nowhere_else() -> None:
    """Objects on the way are made; an item of a list that is not there is not."""
    members: dict[str, Any] = {"list": [{"a": 1}]}
    put(members, ("list", 0, "a"), 2)
    put(members, ("list", 7, "a"), 3)
    put(members, ("new", "deep", "x"), 4)

    assert {"list": [{"a": 2}], "new": {"deep": {"x": 4}}} == members
    assert read(members, ("list", 0, "a", "b"), "none") == "none"
