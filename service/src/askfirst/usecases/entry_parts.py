"""Read an entry's stored part, which somebody may have altered."""

import json
from collections.abc import Mapping


def read_part(part: bytes | None) -> Mapping[str, object]:
    """Return a part's members as far as it can be read; nothing where it can not. The checks say what is wrong."""
    try:
        read = json.loads(part or b"{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
