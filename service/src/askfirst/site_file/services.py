"""Write services out: a name from the catalogue becomes a table with provider, purpose and all that is kept."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from askfirst import known_services
from askfirst.core.known_service import KnownItem, KnownService
from askfirst.core.purposes import NECESSARY
from askfirst.site_file import words
from askfirst.site_file.expansion import Expansion, Members, mappings, strings

# An entry with all of these that lists nothing keeps nothing; to one that lacks some, the catalogue's items are added.
_WHOLE: Final = frozenset({"name", "purpose", "provider", "description"})
_MOST: Final = 200  # as many as a policy can have
# What a file writes for a tool that the controller runs on servers of its own.
_CONTROLLER: Final = "controller"


def expand_services(done: Expansion, languages: Sequence[str]) -> None:
    """Fill in every service that names one of the catalogue."""
    given = done.members.get("services")
    if not isinstance(given, list) or len(given) > _MOST:
        return
    purposes = done.members.get("purposes")
    offered = None if purposes is None else {NECESSARY, *strings(purposes), *_ids(purposes)}
    done.members["services"] = [_service(done, number, one, languages, offered) for number, one in enumerate(given)]


def _ids(value: object) -> list[str]:
    return strings([one.get("id") for one in mappings(value)])


def _service(done: Expansion, number: int, given: object, languages: Sequence[str], offered: set[str] | None) -> object:
    service: object = {"id": given} if isinstance(given, str) else given
    if not isinstance(service, dict):
        return given
    written = dict(service)
    if isinstance(written.get("transfers"), dict):
        written["transfers"] = [{"country": country, "basis": basis} for country, basis in written["transfers"].items()]
    controller = done.members.get("controller")
    if written.get("provider") == _CONTROLLER and isinstance(controller, dict):
        written["provider"] = {name: controller[name] for name in ("name", "country") if name in controller}
        done.origins[f"services.{number}.provider"] = "controller"
    known = known_services.find(written["id"]) if isinstance(written.get("id"), str) else None
    if known is None:
        _tell_unknown(done, number, given, written)
        return written
    whole = written.keys() >= _WHOLE
    # Under the first of its usual purposes that the file asks for; without any of them, the check will tell.
    usual = (one for one in known.purposes if offered is None or one in offered)
    written.setdefault("purpose", next(usual, known.purposes[0]))
    _fill(done, number, written, known, languages, whole=whole)
    return written


def _tell_unknown(done: Expansion, number: int, given: object, written: Members) -> None:
    if written.keys() >= _WHOLE or not isinstance(written.get("id"), str):
        return
    near = get_close_matches(written["id"], [one.id for one in known_services.all_services()], n=2, cutoff=0.6)
    if isinstance(given, str) or near:
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        done.fault(
            f"services.{number}",
            f"“{written['id'][:64]}” is not in the catalogue of known services",
            f"{hint}See docs/services.md for the catalogue, or write name, provider, purpose and description yourself.",
        )


def _fill(
    done: Expansion, number: int, written: Members, known: KnownService, languages: Sequence[str], *, whole: bool
) -> None:
    written.setdefault("name", known.name)
    written.setdefault("provider", known.provider.model_dump(mode="json"))
    written["description"] = words.filled(
        written.get("description"), words.service_words(known, written["purpose"], languages)
    )
    own = written.get("cookies")
    if isinstance(own, dict) or (own is None and not whole):
        written["cookies"] = _cookies(done, number, own or {}, known, languages)


def _cookies(
    done: Expansion, number: int, own: Members, known: KnownService, languages: Sequence[str]
) -> list[Members]:
    """Return what is kept: what the catalogue knows, with a file's own facts by name; a name with null is left out."""
    kept: list[Members] = []
    items = {item.name: item for item in known.items}
    for name in dict.fromkeys([*items, *own]):
        facts, item = own.get(name, {}), items.get(name)
        if name in own and own[name] is None:
            continue
        if not isinstance(facts, dict):
            done.fault(
                f"services.{number}.cookies.{name}",
                "must be facts such as duration, or null to leave it out",
                "Write for example: {duration: P6M}.",
            )
            continue
        if item is not None and item.duration is None and "duration" not in facts:
            done.fault(
                f"services.{number}.cookies",
                f"the catalogue does not know how long “{name}” of {known.name} is kept",
                f"Look in the browser, and write: cookies: {{{name}: {{duration: P1Y}}}}; or null if it is not set.",
            )
            continue
        done.origins[f"services.{number}.cookies.{len(kept)}"] = f"services.{number}.cookies.{name}"
        kept.append(_item(name, item, facts, languages))
    return kept


def _item(name: str, item: KnownItem | None, facts: Members, languages: Sequence[str]) -> Members:
    if item is None:
        return {"name": name, **facts}
    return {
        "name": name,
        "kind": item.kind,
        "duration": item.duration,
        **facts,
        "description": words.filled(facts.get("description"), words.item_words(item, languages)),
    }
