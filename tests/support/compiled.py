"""Statements that are compiled once for all engines of a kind."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from sqlalchemy import Compiled, Engine


class _Shared(MutableMapping[Any, Compiled]):
    """What was compiled, by a key that has the kind of its dialect in the place of the engine's own."""

    def __init__(self) -> None:
        self._compiled: dict[Any, Compiled] = {}

    def __getitem__(self, key: Any) -> Compiled:
        return self._compiled[self._shared(key)]

    def __setitem__(self, key: Any, compiled: Compiled) -> None:
        self._compiled[self._shared(key)] = compiled

    def __delitem__(self, key: Any) -> None:
        del self._compiled[self._shared(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._compiled)

    def __len__(self) -> int:
        return len(self._compiled)

    @staticmethod
    def _shared(key: Any) -> Any:
        dialect, *rest = key
        return (type(dialect), *rest)


def sharing_compiled(create: Callable[..., Engine]) -> Callable[..., Engine]:
    """Return `create`, which makes an engine, so that all engines of its making share what they compile."""
    shared = _Shared()

    def made(*args: Any, **named: Any) -> Engine:
        engine = create(*args, **named)
        engine.update_execution_options(compiled_cache=shared)
        return engine

    return made
