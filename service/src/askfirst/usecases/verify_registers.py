"""Hold the tables that say who may do what, and what is served, against the entries that changed them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from askfirst.core.kinds import EntryKind
from askfirst.usecases.announcement import Announcement
from askfirst.usecases.credentials import UNSAID, said_of
from askfirst.usecases.rows import Registers
from askfirst.usecases.verify_admissions import ADMITTING, Admitted


class _Kind(NamedTuple):
    """How an entry of one kind speaks of a row."""

    register: str
    named: str  # the member of the entry that names the row
    given: Mapping[str, object] = {}  # what it says beside its own members of the same names
    at: str = ""  # the member of the row that is the entry's time
    by: str = ""  # the member of the row that is who did it


_MADE: Final[Mapping[EntryKind, _Kind]] = {
    EntryKind.ORGANISATION_CREATED: _Kind("organisation", "organisation", at="created_at"),
    EntryKind.SITE_CREATED: _Kind(
        "site", "site", {"retention_days": None, "alerts": True, "disabled": None}, at="created_at"
    ),
    EntryKind.TOKEN_CREATED: _Kind("token", "token", {"revoked": None}, at="created_at"),
    EntryKind.STAFF_CREATED: _Kind("staff member", "account", {"disabled": None, "language": None}),
    EntryKind.WEBHOOK_ADDED: _Kind("webhook", "webhook", {"paused": False}, at="created_at"),
    EntryKind.HOLD_PLACED: _Kind("hold", "hold", {"lifted": None}, at="placed_at", by="placed_by"),
    EntryKind.ALERT_RAISED: _Kind(
        "alert", "alert", {"acknowledged": None, "acknowledged_by": None, "ended": None}, at="raised_at"
    ),
}
_CHANGED: Final[Mapping[EntryKind, _Kind]] = {
    EntryKind.SITE_CHANGED: _Kind("site", "site"),
    EntryKind.TOKEN_REVOKED: _Kind("token", "token", at="revoked"),
    EntryKind.STAFF_CHANGED: _Kind("staff member", "account"),
    EntryKind.STAFF_DISABLED: _Kind("staff member", "account", at="disabled"),
    EntryKind.STAFF_SIGNED_IN: _Kind("staff member", "account"),
    EntryKind.HOLD_LIFTED: _Kind("hold", "hold", at="lifted"),
    EntryKind.ALERT_ACKNOWLEDGED: _Kind("alert", "alert", at="acknowledged", by="acknowledged_by"),
    EntryKind.ALERT_ENDED: _Kind("alert", "alert", at="ended"),
    EntryKind.WEBHOOK_PAUSED: _Kind("webhook", "webhook", {"paused": True}),
    EntryKind.WEBHOOK_RESUMED: _Kind("webhook", "webhook", {"paused": False}),
}
# What is revoked, disabled, lifted, acknowledged or ended says since when (ms), or null.
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("name",),
    "site": ("name", "origins", "retention_days", "alerts", "disabled"),
    "token": ("name", "role", "sites", "expires"),
    "staff member": ("role", "sites", "disabled", "language"),
    "webhook": ("url", "events", "sites"),
    "hold": ("until", "reason"),
    "alert": ("rule", "site"),
}


# Kinds that say which pictures there are of a policy.
_PICTURED: Final = frozenset({EntryKind.POLICY_PUBLISHED, EntryKind.POLICY_RENDERED})
# Kinds that say what stands in a register.
REGISTERING: Final = frozenset({*_MADE, *_CHANGED, *ADMITTING, EntryKind.WEBHOOK_REMOVED, *_PICTURED})


class _Drawn(NamedTuple):
    """What an entry says of the pictures of a policy, and the entry's position."""

    filed: Mapping[str, object]
    position: int | None


class Registered:
    """What the entries of one log say of each row. Fed by the verification, entry by entry; asked at the end."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[tuple[str, str], dict[str, object]] = {}
        self._positions: dict[tuple[str, str], int | None] = {}
        self._renderings: dict[str, list[_Drawn]] = {}
        self._admitted = Admitted()

    def read(self, announced: Announcement) -> None:
        """Take note of an entry whose opening holds."""
        kind, position = announced.kind, announced.position
        if kind not in REGISTERING:
            return
        said = json.loads(announced.what)
        if kind in ADMITTING:
            self._admitted.read(announced, said)
        if kind in _MADE:
            register, name, given, at, by = _MADE[kind]
            row = {**given, **{one: said[one] for one in _MEMBERS[register] if one in said}}
            if kind is EntryKind.HOLD_PLACED:
                row |= _held(said["scope"])
            row |= said_of(kind, said, announced.staff)
            self._rows[register, said[name]] = row | _when_and_who(at, by, announced, said["time"])
            self._positions[register, said[name]] = position
        elif kind in _CHANGED:
            register, name, given, at, by = _CHANGED[kind]
            changes = {one: value for one, value in said.get("changes", {}).items() if one in _MEMBERS[register]}
            if "disabled" in changes:
                changes["disabled"] = said["time"] if changes["disabled"] else None
            changes |= {**given, **_when_and_who(at, by, announced, said["time"])}
            changes |= said_of(kind, said, announced.staff)
            # Whoever signs in is the one who does it.
            row_id = said.get(name, announced.staff)
            if changes or kind is not EntryKind.STAFF_SIGNED_IN:
                self._rows.setdefault((register, row_id), {}).update(changes)
                self._positions[register, row_id] = position
        elif kind is EntryKind.WEBHOOK_REMOVED:
            self._rows.pop(("webhook", said["webhook"]), None)
        elif kind in _PICTURED and said["rendering"] != "none":
            filed = {"site": said["site"], "policy": said["policy"], "time": said["time"]}
            self._renderings.setdefault(said["rendering"], []).append(_Drawn(filed, position))

    def faults(self, registers: Registers, now: int | None) -> Iterator[tuple[int | None, str]]:
        """Return what does not fit, with the position of the entry that said last what there should be.

        `registers` are of a moment of which every entry was read here, also those that waited for their place.
        `now` (ms) tells which holds have ended; None: each that has an end may have.
        """
        for (register, row_id), said in self._rows.items():
            position, stored = self._positions[register, row_id], registers.rows.get((register, row_id))
            if stored is None:
                yield position, f"the {register} {row_id} that it speaks of is missing"
                continue
            for fault in _hold_differing(said, stored, now) if register == "hold" else _differing(said, stored):
                yield position, f"the {register} {row_id} has another {fault} than was said last"
        for register, row_id in registers.rows.keys() - self._rows.keys():
            yield None, f"The {register} {row_id} was never announced by an entry."
        yield from self._admitted.faults(registers.admissions)
        yield from self._picture_faults(registers)

    def _picture_faults(self, registers: Registers) -> Iterator[tuple[int | None, str]]:
        for digest, drawn in self._renderings.items():
            said, found = drawn[-1], registers.pictures.get(digest)
            if found is None:
                yield said.position, f"the pictures {digest} that it announced are missing or were altered"
                continue
            faults = [fault] if (fault := found["fault"]) else []
            # Two nodes may have taken the same ones at the same moment, and one has stored them.
            if not any(_differing(one.filed, found) == [] for one in drawn):
                faults += [f"they are filed under another {fault}" for fault in _differing(said.filed, found)]
            for fault in faults:
                yield said.position, f"the pictures {digest} that it announced: {fault}"
        for digest in registers.pictures.keys() - self._renderings.keys():
            yield None, f"The pictures {digest} were never announced by an entry."
        # Those of a list that is missing are told with it.
        if registers.loose_pictures and self._renderings.keys() <= registers.pictures.keys():
            yield None, f"{registers.loose_pictures} picture(s) are stored that no list of pictures names."


def _when_and_who(at: str, by: str, announced: Announcement, time: object) -> dict[str, object]:
    return {name: value for name, value in ((at, time), (by, announced.staff)) if name}


def _held(scope: Mapping[str, Any]) -> dict[str, object]:
    """Return what the scope of a hold says, in the words of its register; `person`: a record of whom it is about."""
    person = scope.get("subject_of")
    return {
        "site": scope.get("site"),
        "first": _bound(scope.get("from"), "00"),
        "before": _bound(scope.get("to"), "ff"),
        "person": person if isinstance(person, str) else None,
    }


def _bound(time: object, otherwise: str) -> str:
    """Return, in hex, where the record ids of a time (ms) begin: they are UUIDv7 (RFC 9562, 5.7)."""
    return f"{time:012x}{'00' * 10}" if isinstance(time, int) else otherwise * 16


def _differing(said: Mapping[str, object], stored: Mapping[str, Any]) -> list[str]:
    return [name for name, value in said.items() if value is not UNSAID and stored.get(name) != value]


def _hold_differing(said: Mapping[str, object], stored: Mapping[str, Any], now: int | None) -> list[str]:
    person, records = said.get("person"), stored["person"]
    others = _differing({name: value for name, value in said.items() if name != "person"}, stored)
    until = said.get("until")
    # From then on it need not say any more whom it was about, and their records may be forgotten.
    ended = said.get("lifted") or (isinstance(until, int) and (now is None or until <= now))
    if (person is None) != (records is None) or (records is not None and person not in records and not ended):
        others.append("person")
    return others
