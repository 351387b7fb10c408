"""The two parts of a ledger entry as bytes: what happened, and whom it concerns (formats.md 5.1)."""

from collections.abc import Mapping

from askfirst.core.canonical import canonical_json
from askfirst.core.kinds import MEMBERS, EntryKind, Form, Member

_VERSION = 1
_EXPECTED = {kind: {member.name: member for member in members} for kind, members in MEMBERS.items()}
_NEEDED = {kind: {member.name for member in members if not member.later} for kind, members in MEMBERS.items()}
_TYPES: dict[Form, type | tuple[type, ...]] = {
    "string": str,
    "number": int,
    "boolean": bool,
    "object": dict,
    "array": (list, tuple),
}


def decision_what(
    *,
    record: str,
    site: str,
    policy: str,
    revision: int,
    build: str | None,
    language: str,
    purposes: Mapping[str, bool],
    method: str,
    origin: str,
    page: str | None,
    client_time: int,
    server_time: int,
    rule: str,
    gpc: bool,
    late: bool,
) -> bytes:
    """Return the `what` part of a decision: canonical JSON; times in ms, `policy` and `build` as 64 hex."""
    return canonical_json(
        {
            "v": _VERSION,
            "kind": EntryKind.DECISION_RECORDED,
            "record": record,
            "site": site,
            "policy": policy,
            "revision": revision,
            "build": build,
            "language": language,
            "purposes": dict(purposes),
            "method": method,
            "origin": origin,
            "page": page,
            "client_time": client_time,
            "server_time": server_time,
            "rule": rule,
            "gpc": gpc,
            "late": late,
        }
    )


def decision_who(*, record: str, subject: str | None, evidence: Mapping[str, object] | None = None) -> bytes:
    """Return the `who` part of a decision; the subject is None after a full refusal."""
    return canonical_json(
        {
            "v": _VERSION,
            "record": record,
            "subject": subject,
            "evidence": None if evidence is None else dict(evidence),
        }
    )


def entry_what(kind: EntryKind, entry: str, time: int, **members: object) -> bytes:
    """Return the `what` part of any other entry; `time` in ms.

    Raises ValueError unless the members are exactly those that the kind has, each of its form; later ones may be left
    out, as in the entries of earlier releases.
    """
    if kind not in MEMBERS:
        raise ValueError(f"{kind} has a form of its own")
    expected = _EXPECTED[kind]
    if not _NEEDED[kind] <= members.keys() <= expected.keys():
        raise ValueError(f"{kind} has the members {sorted(expected)}, not {sorted(members)}")
    for name in misfits(kind, members):
        raise ValueError(f"{name} of {kind} is not of the form {expected[name].form}")
    return canonical_json({"v": _VERSION, "kind": kind, "entry": entry, "time": time, **members})


def misfits(kind: EntryKind, members: Mapping[str, object]) -> list[str]:
    """Return the names of the kind's members that are missing, or not of their form.

    What entries of earlier releases do not have may be missing.
    """
    return [
        name
        for name, member in _EXPECTED[kind].items()
        if not (_fits_member(members[name], member) if name in members else member.later)
    ]


def entry_who(entry: str, staff: str | None) -> bytes:
    """Return the `who` part of any other entry: the id of the staff member who did it, or None for the service."""
    return canonical_json({"v": _VERSION, "entry": entry, "staff": staff})


def _fits_member(value: object, member: Member) -> bool:
    return _fits(value, member.form) or (value is None and member.nullable)


def _fits(value: object, form: Form) -> bool:
    return isinstance(value, _TYPES[form]) and not (form == "number" and isinstance(value, bool))
