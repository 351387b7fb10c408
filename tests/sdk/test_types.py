"""The SDK is typed whole: a type checker of those who use it never meets an unknown."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest
from flask import Flask

import askfirst_sdk

# What only Django finds, and can only be imported once it is set up; mypy checks it like the rest.
SKIPPED = "askfirst_sdk.django"


def modules() -> Iterator[str]:
    for one in pkgutil.walk_packages(askfirst_sdk.__path__, "askfirst_sdk."):
        if not one.name.startswith(SKIPPED):
            yield one.name


def functions(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what can be called of a public name: itself, or the public methods that its class itself defines."""
    if inspect.isclass(value):
        for member, method in vars(value).items():
            found = method.fget if isinstance(method, property) else getattr(method, "__func__", method)
            if inspect.isfunction(found) and (not member.startswith("_") or member in ("__init__", "__call__")):
                yield f"{name}.{member}", found
    elif inspect.isfunction(value):
        yield name, value


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_public_name_is_typed_documented_and_listed_in_order(module: str) -> None:
    """Parameters, results and docstrings; names in `__all__` exist and are sorted."""
    loaded = importlib.import_module(module)
    public = list(getattr(loaded, "__all__", []))
    missing = []
    for name in public:
        value = getattr(loaded, name)
        if getattr(value, "__module__", module) != module:
            continue
        if (inspect.isclass(value) or inspect.isfunction(value)) and not value.__doc__:
            missing.append(f"{name} has no docstring")
        for label, function in functions(name, value):
            hints = get_type_hints(function, None, {"httpx": httpx, "Flask": Flask})
            parameters = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
            missing += [f"{label}: {parameter}" for parameter in parameters if parameter not in hints]
            if "return" not in hints and not label.endswith("__init__"):
                missing.append(f"{label}: its result")

    assert [] == missing
    assert sorted(public, key=lambda one: (not one.isupper(), not one[:1].isupper(), one)) == public


def test_the_mark_of_a_typed_distribution_is_there() -> None:
    """PEP 561."""
    assert (Path(askfirst_sdk.__file__).parent / "py.typed").exists()
