"""What storage or tracking is for: each purpose with its words, how it is asked, and its place."""

from typing import Final, get_args

from askfirst import texts
from askfirst.core.errors import InvalidQuery
from askfirst.core.purposes import NECESSARY, Mode
from askfirst.texts.catalogue import catalogue
from askfirst.web.console.editor.fields import Action, Choice, Field, Group, Members, rows
from askfirst.web.console.editor.part import Adding, Part, View, moved
from askfirst.web.console.forms import Form

COMMON: Final = ("measurement", "preferences", "marketing", "embeds")
MODES: Final = tuple(Choice(mode, f"mode.{mode}") for mode in get_args(Mode))


def _groups(view: View) -> list[Group]:
    groups = [Group(lead="draft.purposes_lead", path=("purposes",))]
    for place, purpose in enumerate(rows(view.members, "purposes")):
        path = ("purposes", place)
        words = _default_words(str(purpose.get("id")), view.language)
        name = str(_in(purpose.get("name"), view.language) or purpose.get("id") or "")
        necessary = purpose.get("id") == NECESSARY
        mode = () if necessary else (Field((*path, "mode"), "draft.mode", "choice", choices=MODES),)
        groups.append(
            Group(
                named=name,
                code=str(purpose.get("id")),
                path=path,
                lead="draft.necessary_lead" if necessary else "",
                fields=(
                    Field((*path, "name", view.language), "draft.name", language=view.language, default=words[0]),
                    Field(
                        (*path, "description", view.language),
                        "draft.description",
                        "text",
                        language=view.language,
                        default=words[1],
                    ),
                    *mode,
                ),
                actions=()
                if necessary
                else tuple(Action(f"{verb}:{place}", f"draft.{verb}", name) for verb in ("up", "down", "remove")),
            )
        )
    return groups


def _adds(view: View) -> list[Adding]:
    there = {purpose.get("id") for purpose in rows(view.members, "purposes")}
    common = tuple(Choice(one, f"purpose.{one}") for one in COMMON if one not in there)
    return [
        Adding(
            Action("add", "draft.add_purpose"),
            (
                Field(("purpose",), "draft.purpose", "choice", choices=(*common, Choice("", "draft.own_purpose"))),
                Field(("id",), "draft.id", hint="draft.purpose_id_hint"),
            ),
            "draft.add_purpose_head",
        )
    ]


def _act(view: View, do: str, form: Form) -> bool:
    if do != "add":
        return moved(rows_of(view.members, "purposes"), do, first=1)
    purpose = form.one("purpose").strip() or form.one("id").strip()
    if not purpose or purpose in {one.get("id") for one in rows(view.members, "purposes")}:
        raise InvalidQuery([("id", "must be the id of a purpose that is not there yet")])
    words = {language: _default_words(purpose, language) for language in view.languages}
    made = {
        "id": purpose,
        "mode": None if purpose == NECESSARY else "opt_in",
        "name": {language: said[0] for language, said in words.items()},
        "description": {language: said[1] for language, said in words.items()},
    }
    rows_of(view.members, "purposes").append(made)
    return True


def rows_of(members: Members, name: str) -> list[Members]:
    """Return the list of this name itself, for changing; it is made where there is none."""
    if not isinstance(members.get(name), list):
        members[name] = []
    found: list[Members] = members[name]
    return found


def _default_words(purpose: str, language: str) -> tuple[str, str]:
    if language not in texts.languages():
        return "", ""
    said = catalogue(language).purposes.get(purpose)
    return (said.name, said.description) if said else ("", "")


def _in(words: object, language: str) -> object:
    return words.get(language) if isinstance(words, dict) else None


PART = Part("purposes", ("purposes",), _groups, _act, _adds, by_language=True)
