"""Write a short site file out into the whole draft: what it leaves out comes from the catalogues and the presets.

Nothing here judges. What has another form than the short ones is handed on as it is, for the policy format to refuse,
so that every fault is found in one place and told once.
"""

from collections.abc import Mapping
from typing import Any, Final

from askfirst.core.purposes import NECESSARY
from askfirst.site_file import words
from askfirst.site_file.expansion import Expansion, Members, mappings, strings
from askfirst.site_file.regions import expand_regions
from askfirst.site_file.services import expand_services

FORMAT: Final = "askfirst/site-file/1"
# As many as a policy can have; of more than that, only that it is too many is told.
_MOST_PURPOSES: Final = 25
_MOST_LANGUAGES: Final = 40


def expand(value: Mapping[str, Any]) -> Expansion:
    """Return a file's members written out."""
    given = {name: member for name, member in value.items() if name != "$schema"}
    done = Expansion(given)
    named = given.pop("format", FORMAT)
    if named != FORMAT:
        done.fault("format", f"must be {FORMAT}", "Leave the member out, or name the format that this version reads.")
    languages = strings(given.get("languages"))[:_MOST_LANGUAGES]
    _privacy_policy(given, languages)
    expand_services(done, languages)
    _purposes(done, languages)
    _texts(given, languages)
    _accounts(given, languages)
    _theme(given)
    expand_regions(done, languages)
    return done


def _privacy_policy(given: Members, languages: list[str]) -> None:
    address = given.get("privacy_policy")
    if isinstance(address, str) and languages:
        given["privacy_policy"] = dict.fromkeys(languages, address)


def _purposes(done: Expansion, languages: list[str]) -> None:
    """Fill in names and descriptions, and put `necessary` in front where it is not named."""
    given = done.members.get("purposes")
    if given is None:
        given = _used(done.members.get("services")) or ["measurement"]
        done.origins["purposes"] = "services" if "services" in done.members else "purposes"
    if not isinstance(given, list) or len(given) > _MOST_PURPOSES:
        return
    for number, one in enumerate(given):
        if isinstance(one, str) and languages and not words.purpose_words(one, languages):
            said = f"“{one[:64]}” is no common purpose"
            done.fault(f"purposes.{number}", said, "Write id, name and description of a purpose of your own.")
    written = [_purpose(one, languages) for one in given]
    if not any(one.get("id") == NECESSARY for one in mappings(written)):
        written.insert(0, _purpose(NECESSARY, languages))
        done.origins["purposes.0"] = "purposes"
        done.origins |= {f"purposes.{number + 1}": f"purposes.{number}" for number in range(len(given))}
    done.members["purposes"] = written


def _used(services_given: object) -> list[str]:
    """Return the purposes that services name, in their order: those of a file that names none itself."""
    named = strings([one.get("purpose") for one in mappings(services_given)])
    return [one for one in dict.fromkeys(named) if one != NECESSARY]


def _purpose(given: object, languages: list[str]) -> object:
    purpose: Members = {"id": given} if isinstance(given, str) else given  # type: ignore[assignment]
    if not isinstance(purpose, dict):
        return given
    known = words.purpose_words(purpose.get("id"), languages)
    return {
        **purpose,
        "name": words.filled(purpose.get("name"), {language: said.name for language, said in known.items()}),
        "description": words.filled(
            purpose.get("description"), {language: said.description for language, said in known.items()}
        ),
    }


def _texts(given: Members, languages: list[str]) -> None:
    """Fill in what a language leaves out; a file may override any of the words."""
    own = given.get("texts", {})
    if not isinstance(own, dict) or len(own) > _MOST_LANGUAGES:
        return
    given["texts"] = {
        language: words.banner_texts(language, own.get(language)) for language in dict.fromkeys([*languages, *own])
    }
    given["texts"] = {language: said for language, said in given["texts"].items() if said is not None}


def _accounts(given: Members, languages: list[str]) -> None:
    """Write out `accounts: true`, and leave `accounts: false` out, which is what no member says too."""
    if given.get("accounts") is True:
        given["accounts"] = words.account_words(languages)
    elif given.get("accounts") is False:
        del given["accounts"]


def _theme(given: Members) -> None:
    theme = given.get("theme")
    if isinstance(theme, dict):
        # `radius: 0` is a number in every notation, and means the length.
        given["theme"] = {
            name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in theme.items()
        }
