"""The terms of the W3C Data Privacy Vocabulary 2.3, from its own files, and an independent JSON-LD reader."""

import csv
import gzip
import io
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pyld import jsonld

_FOLDER = Path(__file__).parents[1] / "vectors" / "dpv-2.3"
DPV = "https://w3id.org/dpv"
_CONTEXT = files("askfirst") / "static" / "statement" / "context-1.jsonld"


@cache
def terms() -> frozenset[str]:
    """Return the IRI of every term in the vocabulary's files."""
    found = set()
    for path in sorted(_FOLDER.glob("*.csv.gz")):
        rows = csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8")))
        found |= {row["iri"] for row in rows}
    return frozenset(found)


def context() -> dict[str, Any]:
    """Return the context that statements name."""
    read: dict[str, Any] = json.loads(_CONTEXT.read_text(encoding="utf-8"))
    return read


def expanded(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement as an independent JSON-LD reader understands it; nothing is fetched."""

    def load(url: str, _options: Any) -> dict[str, Any]:
        assert url.endswith("/schema/statement/1"), url
        return {"contextUrl": None, "documentUrl": url, "document": context()}

    [node] = jsonld.expand(statement, {"documentLoader": load})
    return dict(node)


def named(node: Any) -> set[str]:
    """Return every IRI that a property, a type or a reference of the vocabulary names."""
    if isinstance(node, list):
        return {iri for one in node for iri in named(one)}
    if not isinstance(node, dict):
        return set()
    own = {str(node["@id"])} if str(node.get("@id", "")).startswith(DPV) else set()
    types = {str(one) for one in node.get("@type", []) if not isinstance(node.get("@type"), str)}
    keys = {key for key in node if not key.startswith("@")}
    return own | types | keys | {iri for value in node.values() for iri in named(value)}
