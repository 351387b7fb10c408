"""What is wrong with the form of a policy, member by member, in words for whoever wrote it."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

Path = tuple[str | int, ...]


class ContradictionError(ValueError):
    """Carries (member, message) pairs through pydantic, which knows one message a validator."""

    def __init__(self, errors: tuple[tuple[str, str], ...]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{member} {said}" for member, said in errors))


_MOST: Final = 400  # nobody reads more, and what is left is told the next time
_FORMS: Final[Mapping[str, str]] = {
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must have members of its own",
    "model_type": "must have members of its own",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "missing": "is missing",
}
_LIMITS: Final[Mapping[str, str]] = {
    "literal_error": "must be {expected}",
    "string_too_short": "may not be empty",
    "string_too_long": "is longer than {max_length} characters",
    "greater_than_equal": "must be at least {ge:,}",
    "less_than_equal": "must be at most {le:,}",
    "too_short": "must have at least {min_length} of them",
    "too_long": "may have at most {max_length:,} of them",
}
# What begins the patterns of names, and how such a name looks.
_NAMES: Final[Mapping[str, str]] = {
    "^[a-z]{2,3}(-[A-Z]": "is no language such as de, pt-BR or zh-Hant",
    "^[A-Z]{2}$": "must be a country in two capital letters, such as DE",
    "^[A-Z]{2}(-": "must be a place such as DE or US-CA",
    "^[a-z0-9_.-]": "must be 1 to 64 characters of a-z, 0-9 and _.-",
    "^[a-z][a-z0-9_-]": "must be 1 to 64 characters of a-z, 0-9, _ and -, beginning with a letter",
    "^[a-z][a-z0-9-]": "must be 1 to 32 characters of a-z, 0-9 and -, beginning with a letter",
    "^[A-Za-z0-9#.,%' _-]": "must be 1 to 64 characters of letters, numbers, spaces and #.,%'_-",
}


def told(error: ValidationError, names: Sequence[str] = ()) -> list[tuple[Path, str]]:
    """Return (path, what is wrong) for each fault; the contradictions between parts have the path as one text.

    `names` are all names that members can have, for whoever mistyped one.
    """
    faults = error.errors(include_url=False, include_input=False)[:_MOST]
    return [
        said
        for fault in faults
        # A list whose items are all wrong is also called too short, which would send somebody the wrong way.
        if not (fault["type"] == "too_short" and any(fault["loc"] == other["loc"][:-1] for other in faults))
        for said in _said(fault, names)
    ]


def _said(fault: Any, names: Sequence[str]) -> Iterator[tuple[Path, str]]:
    path: Path = tuple(part for part in fault["loc"] if part != "[key]")
    context = fault.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, ContradictionError):
        yield from (((member,), said) for member, said in cause.errors)
    elif cause is not None:
        yield path, str(cause)
    else:
        yield path, _words(fault["type"], context, fault["msg"], str(path[-1]) if path else "", names)


def _words(kind: str, context: Mapping[str, Any], message: str, name: str, names: Sequence[str]) -> str:
    if kind == "extra_forbidden":
        near = get_close_matches(name, [one for one in names if one != name], n=1, cutoff=0.75)
        return f"is no member that is known here{f'; did you mean “{near[0]}”?' if near else ''}"
    if kind == "string_pattern_mismatch":
        form = next((said for start, said in _NAMES.items() if context["pattern"].startswith(start)), None)
        return form or f"must match {context['pattern']}"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context).replace("'", "")
    return _FORMS.get(kind, message[:1].lower() + message[1:])
