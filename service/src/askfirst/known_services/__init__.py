"""The catalogue of common services that the package brings along, read once and checked like anything from outside."""

from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from askfirst.core.known_service import CountryNote, KnownService, same_name
from askfirst.core.strict_json import strict_json

__all__ = ["all_services", "country_notes", "find", "kept_by"]

_NOTES: Final = TypeAdapter(tuple[CountryNote, ...])


@cache
def all_services() -> tuple[KnownService, ...]:
    """Return every known service, sorted by id. Raises pydantic's ValidationError (a ValueError) for a file that is
    not right, and ValueError for one that is not named after its service."""
    return tuple(_service(name) for name in sorted(_names()))


def find(service_id: str) -> KnownService | None:
    """Return the known service with an id such as `google-analytics`, or None."""
    return next((service for service in all_services() if service.id == service_id), None)


def kept_by(name: str) -> tuple[KnownService, ...]:
    """Return the known services that keep something of a name, `*` standing for any characters: `_ga_*`."""
    return tuple(service for service in all_services() if any(same_name(item.name, name) for item in service.items))


@cache
def country_notes() -> tuple[CountryNote, ...]:
    """Return what a transfer to each country can rest on that a known service usually sends data to."""
    data = files(__package__).joinpath("countries.json").read_bytes()
    strict_json(data)
    return _NOTES.validate_json(data)


def _names() -> list[str]:
    entries = files(__package__).joinpath("services").iterdir()
    return [entry.name for entry in entries if entry.name.endswith(".json")]


def _service(name: str) -> KnownService:
    data = files(__package__).joinpath("services", name).read_bytes()
    strict_json(data)  # pydantic's own reader would take the last of two members with one name
    service = KnownService.model_validate_json(data)
    if name != f"{service.id}.json":
        raise ValueError(f"{name} must be named {service.id}.json")
    return service
