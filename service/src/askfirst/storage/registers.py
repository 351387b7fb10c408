"""Read the tables that stand beside the ledger, in the words of its entries, for the verification."""

import hashlib
import json
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, or_, select

from askfirst.storage import tables as t
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.credentials import credential_digest
from askfirst.usecases.rows import Admission, Registers

_Row = dict[str, object]


def read_registers(connection: Connection, log_id: int) -> Registers:
    """Return each row as entries would say it. Nothing about the values is certain: somebody may have altered them."""
    rows: dict[tuple[str, str], _Row] = {}
    for one in _of(connection, t.organisation, log_id):
        rows["organisation", one.slug] = {"name": one.name, "created_at": one.created_at}
    for one in _of(connection, t.site, log_id):
        said = {"name": one.name, "origins": _parsed(one.origins), "retention_days": one.retention_days}
        rows["site", one.site_key] = {
            **said,
            "alerts": one.alerts,
            "disabled": one.disabled_at,
            "created_at": one.created_at,
        }
    for one in _of(connection, t.token, log_id):
        said = {"name": one.name, "role": one.role, "sites": _parsed(one.sites), "expires": one.expires_at}
        said |= {"secret": _digest(one.token_id, one.secret_hash)}
        rows["token", _id(one.token_id)] = {**said, "revoked": one.revoked_at, "created_at": one.created_at}
    for one in _of(connection, t.staff, log_id):
        said = {"role": one.role, "sites": _parsed(one.sites), "disabled": one.disabled_at, "language": one.language}
        kept = {"password": _digest(one.staff_id, one.password_hash), "identity": _digest(one.staff_id, one.identity)}
        rows["staff member", _id(one.staff_id)] = {**said, **kept, "time of making": one.created_at}
    for one in _of(connection, t.webhook, log_id):
        said = {"url": one.url, "events": _parsed(one.events), "sites": _parsed(one.sites)}
        paused = one.paused_at is not None
        rows["webhook", _id(one.webhook_id)] = {**said, "paused": paused, "created_at": one.created_at}
    for one in _of(connection, t.hold, log_id):
        said = {"until": one.until, "lifted": one.lifted_at, "site": one.site_key, "reason": one.reason}
        said |= {"first": as_bytes(one.first_record).hex(), "before": as_bytes(one.before_record).hex()}
        said |= {"placed_at": one.placed_at, "placed_by": one.staff}
        rows["hold", _id(one.hold_id)] = {**said, "person": _records(connection, one)}
    for one in _of(connection, t.alert, log_id):
        said = {"rule": one.rule, "site": one.site_key or None, "raised_at": one.raised_at, "ended": one.ended_at}
        known = {"acknowledged": one.acknowledged_at, "acknowledged_by": one.acknowledged_by}
        rows["alert", _id(one.alert_id)] = {**said, **known}
    pictures = {}
    renderings = _of(connection, t.rendering, log_id)
    for one in renderings:
        filed = {"site": one.site_key, "policy": as_bytes(one.policy).hex(), "time": one.rendered_at}
        pictures[as_bytes(one.digest).hex()] = {**filed, "fault": _fault(connection, one)}
    whole = all(one["fault"] == "" for one in pictures.values())
    loose = _loose(connection, log_id, renderings) if whole else 0
    return Registers(rows, pictures, _admissions(connection, log_id), loose)


def _admissions(connection: Connection, log_id: int) -> list[Admission]:
    sessions = [("session", one, None) for one in _of(connection, t.session, log_id)]
    links = [("link", one, one.used_at) for one in _of(connection, t.sign_in_link, log_id)]
    return [
        Admission(what, _id(one.staff_id), _digest(one.staff_id, one.secret_hash) or "", one.created_at, used)
        for what, one, used in sessions + links
    ]


def _digest(owner: Any, kept: Any) -> str | None:
    """Return what entries say of what is kept; None: nothing is."""
    return None if kept is None else credential_digest(as_bytes(owner), as_bytes(kept))


def _of(connection: Connection, table: Table, log_id: int) -> list[Any]:
    return list(connection.execute(select(table).where(table.c.log_id == log_id)))


def _records(connection: Connection, hold: Any) -> frozenset[str] | None:
    """Return by which records whom a hold is about can be named: by none where that was blanked; None: nobody alone."""
    r = t.record.c
    named = [column == by for column, by in ((r.subject, hold.subject), (r.account, hold.account)) if by is not None]
    if not named:
        return None
    if len(named) > 1:
        return frozenset()  # no hold of ours is about two
    theirs = select(r.record_id).where(r.log_id == hold.log_id, or_(*named))
    return frozenset(_id(one) for one in connection.execute(theirs).scalars())


def _fault(connection: Connection, rendering: Any) -> str:
    """Return what is wrong with the pictures of a policy. They are long, so it goes one by one."""
    manifest = as_bytes(rendering.manifest)
    if hashlib.sha256(manifest).digest() != as_bytes(rendering.digest):
        return "their list was altered"
    try:
        named = _named(manifest)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "their list is none"
    for digest, raw in named.items():
        found = select(t.picture.c.image).where(t.picture.c.log_id == rendering.log_id, t.picture.c.digest == raw)
        image = connection.execute(found).scalar()
        if image is None:
            return f"picture {digest} is missing"
        if hashlib.sha256(as_bytes(image)).hexdigest() != digest:
            return f"picture {digest} was altered"
    return ""


def _named(manifest: bytes) -> dict[str, bytes]:
    return {str(one["picture"]): bytes.fromhex(one["picture"]) for one in json.loads(manifest)["pictures"]}


def _loose(connection: Connection, log_id: int, renderings: list[Any]) -> int:
    """Return how many pictures none of these lists names, each of which can be read."""
    named = {digest for one in renderings for digest in _named(as_bytes(one.manifest)).values()}
    kept = connection.execute(select(t.picture.c.digest).where(t.picture.c.log_id == log_id)).scalars()
    return sum(as_bytes(one) not in named for one in kept)


def _id(value: Any) -> str:
    # Whoever altered an id gets the row named as one that nobody announced.
    raw = value if isinstance(value, bytes) else str(value).encode()
    return str(UUID(bytes=raw)) if len(raw) == 16 else raw.hex()


def _parsed(text: Any) -> object:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError):
        return text
