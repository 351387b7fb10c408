"""Turn rows of the staff tables into what use cases know, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, RowMapping

from askfirst.storage import tables as t
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.rows import ApiToken, Session, SignInLink, StaffMember

# The member's columns under names of their own, so that they can stand beside those of a session or link.
MEMBER: tuple[ColumnElement[Any], ...] = tuple(column.label(f"member_{column.name}") for column in t.staff.columns)

_SESSION = tuple(column.name for column in t.session.columns)
_LINK = tuple(column.name for column in t.sign_in_link.columns)


def member_row(row: RowMapping) -> StaffMember:
    """Return the member among the columns of `MEMBER`."""
    values = {column.name: row[f"member_{column.name}"] for column in t.staff.columns}
    return StaffMember(**{**values, "sites": _read_sites(values["sites"])})


def session_row(row: RowMapping) -> Session:
    """Return the session of a row."""
    return Session(**{name: row[name] for name in _SESSION})


def link_row(row: RowMapping) -> SignInLink:
    """Return the link of a row."""
    return SignInLink(**{name: row[name] for name in _LINK})


def token_row(row: RowMapping | Mapping[str, Any]) -> ApiToken:
    """Return the token of a row."""
    return ApiToken(**{**row, "sites": _read_sites(row["sites"])})


def values_of(row: StaffMember | ApiToken) -> Mapping[str, object]:
    """Return the columns of a member or token."""
    return asdict(row) | {"sites": None if row.sites is None else json.dumps(row.sites)}


def _read_sites(text: object) -> tuple[str, ...] | None:
    """Return the sites of a role. What somebody made unreadable is no site at all, and never the whole organisation."""
    if text is None:
        return None
    try:
        read = json.loads(as_bytes(text))
    except ValueError:
        return ()
    return tuple(str(key) for key in read) if isinstance(read, list) else ()
