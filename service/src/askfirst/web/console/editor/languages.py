"""Which languages a banner speaks: one comes with its default words, and goes with all its texts."""

from typing import Any

from askfirst import texts
from askfirst.core.errors import InvalidQuery
from askfirst.core.texts import Texts
from askfirst.texts.catalogue import catalogue
from askfirst.web.console.editor.fields import Action, Choice, Field, Group, Members, read, rows, tags
from askfirst.web.console.editor.part import Adding, Part, View
from askfirst.web.console.forms import Form

_LONGEST_TAG = 11


def _groups(view: View) -> list[Group]:
    groups = [Group(lead="draft.languages_lead", path=("languages",))]
    for place, language in enumerate(view.languages):
        first = (Action(f"first:{language}", "draft.make_first", language),) if place else ()
        gone = (Action(f"remove:{language}", "draft.remove", language),) if len(view.languages) > 1 else ()
        groups.append(
            Group(named=language, lead="" if place else "draft.first_language", actions=(*first, *gone), path=())
        )
    return groups


def _adds(view: View) -> list[Adding]:
    known = tuple(Choice(one, named=one) for one in texts.languages() if one not in view.languages)
    return [
        Adding(
            Action("add", "draft.add_language"),
            (
                Field(("language",), "draft.language", "choice", choices=(Choice("", "draft.other"), *known)),
                Field(("tag",), "draft.other_language", hint="draft.other_language_hint"),
            ),
            "draft.add_language_head",
        )
    ]


def _act(view: View, do: str, form: Form) -> bool:
    verb, _, language = do.partition(":")
    if verb == "add":
        _add(view.members, (form.one("language") or form.one("tag")).strip())
        return True
    if verb in ("first", "remove"):
        spoken = tags(view.members)
        if language not in spoken or (verb == "remove" and len(spoken) == 1):
            raise InvalidQuery([("do", "must be about a language of the draft, and one has to stay")])
        spoken.remove(language)
        view.members["languages"] = [language, *spoken] if verb == "first" else spoken
        if verb == "remove":
            for told in _told(view.members):
                told.pop(language, None)
        return True
    return False


def _add(members: Members, language: str) -> None:
    spoken = tags(members)
    if not language or len(language) > _LONGEST_TAG or language in spoken:
        raise InvalidQuery([("language", "must be a language that is not there yet")])
    first = spoken[0] if spoken else ""
    known = catalogue(language) if language in texts.languages() else None
    members["languages"] = [*spoken, language]
    members.setdefault("texts", {})[language] = (
        known.texts.model_dump(mode="json") if known else empty_texts(read(members, ("texts", first)))
    )
    addresses = members.setdefault("privacy_policy", {})
    addresses[language] = addresses.get(first, "")
    for purpose in rows(members, "purposes"):
        words = known.purposes.get(str(purpose.get("id"))) if known else None
        purpose.setdefault("name", {})[language] = words.name if words else ""
        purpose.setdefault("description", {})[language] = words.description if words else ""
    for service in rows(members, "services"):
        said = known.services.get(str(service.get("id"))) if known else None
        service.setdefault("description", {})[language] = said.description if said else ""
        for cookie in rows(service, "cookies"):
            told = said.cookies.get(str(cookie.get("name")), "") if said else ""
            cookie.setdefault("description", {})[language] = told


def empty_texts(like: Any) -> Members:
    """Return every text of a banner, empty; amounts have the forms that another language's texts have."""
    made: Members = {field.alias or name: "" for name, field in Texts.model_fields.items()}
    durations = read(like, ("durations",), {})
    made["durations"] = {
        name: dict.fromkeys(said, "") if isinstance(said, dict) else "" for name, said in durations.items()
    }
    return made


def _told(members: Members) -> list[Members]:
    """Return every object of a draft that holds texts by language."""
    found = [read(members, (name,)) for name in ("texts", "privacy_policy", "opt_out_link", "accounts")]
    for purpose in rows(members, "purposes"):
        found += [purpose.get("name"), purpose.get("description")]
    for service in rows(members, "services"):
        found += [service.get("description"), *(cookie.get("description") for cookie in rows(service, "cookies"))]
    return [one for one in found if isinstance(one, dict)]


PART = Part("languages", ("languages",), _groups, _act, _adds)
