"""Changes of a policy in words that an editor or auditor reads without knowing the file's members."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

# A list of the file, and how one of its items is called.
_ITEMS: Final[Mapping[str, str]] = {
    "purposes": "purpose",
    "services": "service",
    "cookies": "stored item",
    "transfers": "transfer to",
    "rules": "rule",
    "modes": "mode of",
    "languages": "language",
    "texts": "text in",
    "theme": "theme,",
    "privacy_policy": "privacy policy in",
    "gpc": "Global Privacy Control objects to",
}
_LISTS: Final[Mapping[tuple[str, ...], str]] = {
    ("purposes",): "Order of purposes",
    ("services",): "Order of services",
    ("languages",): "Order of languages",
    ("gpc",): "Order of purposes that Global Privacy Control objects to",
    ("regions", "rules"): "Order of region rules",
    ("regions", "default"): "Rule where the place is not known",
}
_TEXTS: Final = frozenset({"name", "description"})


def place_words(path: tuple[str, ...]) -> str:
    """Return where a change is: `Service video, stored item _ga, duration`."""
    if path in _LISTS:
        return _LISTS[path]
    said = ", ".join(_parts(path))
    return said[:1].upper() + said[1:]


def _parts(path: tuple[str, ...]) -> Iterator[str]:
    rest = iter(path)
    for name in rest:
        if name == "regions" and path[1:2] == ("rules",):
            continue  # "rule" says it
        if name in _ITEMS:
            item = next(rest, None)
            whole = f"order of {name}" if name == "cookies" else _spoken(name)
            yield whole if item is None else f"{_ITEMS[name]} {item}"
        elif name in _TEXTS and (language := next(rest, None)) is not None:
            yield f"{name} in {language}"
        else:
            yield _spoken(name)


def value_lines(value: Any) -> list[str]:
    """Return a plain JSON value as lines, one for each text in it: `description in de: Wir zählen.`"""
    if isinstance(value, dict):
        return [line for name, member in value.items() for line in _named(str(name), member)]
    if isinstance(value, list):
        return [", ".join(str(item) for item in value)]
    if value is None:
        return []
    return ["yes" if value is True else "no" if value is False else str(value)]


def _named(name: str, value: Any) -> Iterator[str]:
    nested = isinstance(value, dict)
    for line in value_lines(value):
        yield f"{name}, {line}" if nested else f"{name}: {line}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")
