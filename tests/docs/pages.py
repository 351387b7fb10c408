"""The documentation as the tests read it: the pages, and the script that writes some of them."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "service" / "docs"
_NOT_OURS = {".git", ".venv", ".tools", "node_modules", "demo-data", "build", "dist"}


def pages() -> list[Path]:
    """Return every Markdown page of the repository."""
    found = [page for page in ROOT.rglob("*.md") if not _NOT_OURS.intersection(page.relative_to(ROOT).parts)]
    return sorted(page for page in found if not any(part.startswith(".") for part in page.relative_to(ROOT).parts))


def reference() -> ModuleType:
    """Return the script that writes the reference pages."""
    spec = importlib.util.spec_from_file_location("askfirst_docs_reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
