"""What an address of the API says about itself, from which the OpenAPI document is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query or the path: its JSON Schema, and what it does in a sentence."""

    name: str
    schema: Schema
    says: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: what it is in a sentence, and the JSON Schema of each media type that it may have."""

    says: str
    content: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with one method. `problems` are the codes of the refusals beside those that every address has;
    `also` are statuses that the same answer may have.
    """

    id: str
    summary: str
    tag: str
    answer: Answer
    query: tuple[Parameter, ...] = ()
    path: tuple[Parameter, ...] = ()
    body: Schema | None = None
    problems: tuple[str, ...] = ()
    status: int = 200
    also: tuple[int, ...] = ()
    headers: Mapping[str, Schema] = field(default_factory=dict)


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_answer(says: str, schema: Schema) -> Answer:
    """Return an answer in JSON."""
    return Answer(says, {"application/json": schema})
