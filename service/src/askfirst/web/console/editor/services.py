"""The vendors and tools behind the purposes: who they are, what they keep, and where data goes."""

from typing import Any, Final, get_args

from askfirst import known_services, texts
from askfirst.core.errors import InvalidQuery
from askfirst.core.known_service import KnownService
from askfirst.core.service import StoredKind, Transfer
from askfirst.texts.catalogue import catalogue
from askfirst.web.console.editor.fields import Action, Choice, Field, Group, Members, read, rows
from askfirst.web.console.editor.part import Adding, Part, View, moved, position
from askfirst.web.console.editor.purposes import rows_of
from askfirst.web.console.forms import Form

_KINDS: Final = tuple(Choice(kind, f"stored.{kind}") for kind in get_args(StoredKind))
_BASES: Final = tuple(Choice(basis, f"basis.{basis}") for basis in get_args(Transfer.model_fields["basis"].annotation))


def _groups(view: View) -> list[Group]:
    services = rows(view.members, "services")
    if view.item is None:
        return _list(view, services)
    if view.item >= len(services):
        raise InvalidQuery([("item", "must be a service of the draft")])
    return _service(view, services[view.item], view.item)


def _list(view: View, services: list[Members]) -> list[Group]:
    groups = [Group(lead="draft.services_lead", path=("services",))]
    for place, service in enumerate(services):
        name = str(service.get("name") or service.get("id") or "")
        notes = (
            str(read(service, ("provider", "name"), "")),
            _purpose_name(view, str(service.get("purpose"))),
            ", ".join(str(cookie.get("name", "")) for cookie in rows(service, "cookies")),
        )
        actions = tuple(Action(f"{verb}:{place}", f"draft.{verb}", name) for verb in ("up", "down", "remove"))
        groups.append(
            Group(
                named=name,
                code=str(service.get("id")),
                path=("services", place),
                actions=actions,
                item=place,
                notes=tuple(note for note in notes if note),
            )
        )
    return groups


def _service(view: View, service: Members, place: int) -> list[Group]:
    path = ("services", place)
    language = view.language
    known = known_services.find(str(service.get("id")))
    groups = [
        Group(
            named=str(service.get("name") or service.get("id") or ""),
            code=str(service.get("id")),
            path=path,
            notes=_known_notes(known),
            fields=(
                Field((*path, "name"), "draft.name"),
                Field((*path, "purpose"), "draft.purpose", "choice", choices=_purposes(view)),
                Field(
                    (*path, "description", language),
                    "draft.description",
                    "text",
                    language=language,
                    default=_default_description(str(service.get("id")), language),
                ),
            ),
        ),
        Group(
            "draft.provider",
            path=(*path, "provider"),
            fields=(
                Field((*path, "provider", "name"), "draft.name"),
                Field((*path, "provider", "country"), "draft.country", hint="draft.country_hint", empty="null"),
                Field((*path, "provider", "privacy_policy"), "draft.privacy_policy", empty="null"),
            ),
        ),
        Group("draft.keeps", lead="draft.keeps_lead", path=(*path, "cookies")),
    ]
    for number, cookie in enumerate(rows(service, "cookies")):
        at = (*path, "cookies", number)
        name = str(cookie.get("name") or "")
        groups.append(
            Group(
                named=name or str(number + 1),
                path=at,
                fields=(
                    Field((*at, "name"), "draft.name", hint="draft.stored_name_hint"),
                    Field((*at, "kind"), "draft.stored_kind", "choice", choices=_KINDS),
                    Field((*at, "duration"), "draft.duration", hint="draft.duration_hint"),
                    Field((*at, "description", language), "draft.description", "text", language=language),
                ),
                actions=(Action(f"forget:{number}", "draft.remove", name),),
            )
        )
    groups.append(
        Group(
            "draft.transfers",
            lead="draft.transfers_lead",
            path=(*path, "transfers"),
            actions=(Action("keep", "draft.add_stored"), Action("transfer", "draft.add_transfer")),
        )
    )
    for number, transfer in enumerate(rows(service, "transfers")):
        at = (*path, "transfers", number)
        country = str(transfer.get("country") or "")
        groups.append(
            Group(
                named=country or str(number + 1),
                path=at,
                fields=(
                    Field((*at, "country"), "draft.country", hint="draft.country_hint"),
                    Field((*at, "basis"), "draft.basis", "choice", choices=(Choice("", "draft.choose"), *_BASES)),
                ),
                actions=(Action(f"stay:{number}", "draft.remove", country),),
            )
        )
    return groups


def _adds(view: View) -> list[Adding]:
    if view.item is not None:
        return []
    there = {service.get("id") for service in rows(view.members, "services")}
    known = tuple(Choice(one.id, named=one.name) for one in known_services.all_services() if one.id not in there)
    return [
        Adding(
            Action("add", "draft.add_service"),
            (
                Field(("service",), "draft.service", "choice", choices=(Choice("", "draft.own_service"), *known)),
                Field(("id",), "draft.id", hint="draft.service_id_hint"),
                Field(
                    ("purpose",),
                    "draft.purpose",
                    "choice",
                    choices=(Choice("", "draft.usual_purpose"), *_purposes(view)),
                ),
            ),
            "draft.add_service_head",
        )
    ]


def _act(view: View, do: str, form: Form) -> bool:
    services = rows_of(view.members, "services")
    if view.item is None:
        if do != "add":
            return moved(services, do)
        services.append(_made(view, form, {str(one.get("id")) for one in services}))
        return True
    service = services[position(f"of:{view.item}", len(services))]
    return _act_in(view, service, do)


def _act_in(view: View, service: Members, do: str) -> bool:
    cookies, transfers = rows_of(service, "cookies"), rows_of(service, "transfers")
    verb = do.partition(":")[0]
    if verb == "keep":
        described = dict.fromkeys(view.languages, "")
        cookies.append({"name": "", "kind": "cookie", "duration": "", "description": described})
    elif verb == "forget":
        del cookies[position(do, len(cookies))]
    elif verb == "transfer":
        transfers.append({"country": "", "basis": ""})
    elif verb == "stay":
        del transfers[position(do, len(transfers))]
    else:
        return False
    return True


def _made(view: View, form: Form, there: set[str]) -> Members:
    named = form.one("service").strip()
    known = known_services.find(named)
    service_id = known.id if known else form.one("id").strip()
    if (named and known is None) or not service_id or service_id in there:
        raise InvalidQuery([("id", "must be the id of a service that is not there yet")])
    usual = known.purposes if known else ()
    asked = [str(one.get("id")) for one in rows(view.members, "purposes")]
    # What is usual for it, else the first that is asked: nobody calls a service necessary without saying so.
    fitting = (*(one for one in usual if one in asked), *asked[1:], *usual, "")
    purpose = form.one("purpose").strip() or fitting[0]
    if known:
        return _from_catalogue(view, known, purpose)
    described = dict.fromkeys(view.languages, "")
    provider = {"name": "", "country": None, "privacy_policy": None}
    empty: dict[str, Any] = {"cookies": [], "transfers": []}
    return {
        "id": service_id,
        "name": service_id,
        "purpose": purpose,
        "provider": provider,
        "description": described,
        **empty,
    }


def _from_catalogue(view: View, known: KnownService, purpose: str) -> Members:
    """Return a service as the catalogue knows it. What nobody can know is left empty, so that the check asks for it."""
    described = {language: _default_description(known.id, language) for language in view.languages}
    return {
        "id": known.id,
        "name": known.name,
        "purpose": purpose,
        "provider": known.provider.model_dump(mode="json"),
        "description": {language: said or known.description for language, said in described.items()},
        "cookies": [
            {
                "name": item.name,
                "kind": item.kind,
                "duration": item.duration or "",
                "description": dict.fromkeys(view.languages, item.description),
            }
            for item in known.items
        ],
        "transfers": [{"country": country, "basis": ""} for country in known.outside],
    }


def _default_description(service_id: str, language: str) -> str:
    if language not in texts.languages():
        return ""
    said = catalogue(language).services.get(service_id)
    return said.description if said else ""


def _known_notes(known: KnownService | None) -> tuple[str, ...]:
    if known is None:
        return ()
    return tuple(note for note in (f"{known.source} ({known.checked})", known.gaps) if note)


def _purposes(view: View) -> tuple[Choice, ...]:
    ids = (str(purpose.get("id")) for purpose in rows(view.members, "purposes"))
    return tuple(Choice(one, named=_purpose_name(view, one)) for one in ids)


def _purpose_name(view: View, purpose: str) -> str:
    found = next((one for one in rows(view.members, "purposes") if one.get("id") == purpose), {})
    return str(read(found, ("name", view.language)) or purpose)


def _items(members: Any) -> list[tuple[str, str]]:
    return [(str(place), str(one.get("name") or one.get("id"))) for place, one in enumerate(rows(members, "services"))]


PART = Part("services", ("services",), _groups, _act, _adds, by_language=True, items=_items)
