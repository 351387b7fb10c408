"""What somebody could guess piece by piece is compared in a time that tells nothing (CWE-208)."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import askfirst
import askfirst_sdk

# What such values are called here. A secret that is looked for in the database is looked for by its hash.
GUESSABLE = frozenset(
    {"mac", "mark", "form_word", "word", "state", "nonce", "secret", "secret_key", "password", "seed"}
)
# Words that are nobody's secret: of a text, of a key's life, of HTML.
PLAIN = {
    "usecases/verify_catalogue.py": {"state"},
    "core/note.py": {"mark"},
    "head_end.py": {"mark"},
}


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            yield key


def _compared(module: ModuleType) -> Iterator[tuple[str, int, str]]:
    root = Path(inspect.getfile(module)).parent
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                sides = [node.left, *node.comparators]
                # What is compared with a text that stands in the code is no secret.
                if any(isinstance(side, ast.Constant) for side in sides):
                    continue
                for side in sides:
                    for name in _names(side):
                        if name in GUESSABLE - PLAIN.get(place, set()):
                            yield place, node.lineno, name


def test_no_secret_is_compared_with_an_operator() -> None:
    """`==` ends at the first byte that differs; `hmac.compare_digest` does not."""
    assert [] == [*_compared(askfirst), *_compared(askfirst_sdk)]
