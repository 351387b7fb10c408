"""Hold the tables that say who may do what, and what is served, against the entries that changed them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from askfirst.core.kinds import EntryKind
from askfirst.usecases.rows import Registers

# For each kind: the register, the member of the entry that names the row, and what the entry says of it beside its own
# members of the same names.
_MADE: Final[Mapping[EntryKind, tuple[str, str, Mapping[str, object]]]] = {
    EntryKind.ORGANISATION_CREATED: ("organisation", "organisation", {}),
    EntryKind.SITE_CREATED: ("site", "site", {"retention_days": None, "alerts": True, "disabled": False}),
    EntryKind.TOKEN_CREATED: ("token", "token", {"revoked": False}),
    EntryKind.STAFF_CREATED: ("staff member", "account", {"disabled": False}),
    EntryKind.WEBHOOK_ADDED: ("webhook", "webhook", {"paused": False}),
    EntryKind.HOLD_PLACED: ("hold", "hold", {"lifted": False}),
    EntryKind.ALERT_RAISED: ("alert", "alert", {"acknowledged": False, "ended": False}),
}
_CHANGED: Final[Mapping[EntryKind, tuple[str, str, Mapping[str, object]]]] = {
    EntryKind.SITE_CHANGED: ("site", "site", {}),
    EntryKind.TOKEN_REVOKED: ("token", "token", {"revoked": True}),
    EntryKind.STAFF_CHANGED: ("staff member", "account", {}),
    EntryKind.STAFF_DISABLED: ("staff member", "account", {"disabled": True}),
    EntryKind.HOLD_LIFTED: ("hold", "hold", {"lifted": True}),
    EntryKind.ALERT_ACKNOWLEDGED: ("alert", "alert", {"acknowledged": True}),
    EntryKind.ALERT_ENDED: ("alert", "alert", {"ended": True}),
    EntryKind.WEBHOOK_PAUSED: ("webhook", "webhook", {"paused": True}),
    EntryKind.WEBHOOK_RESUMED: ("webhook", "webhook", {"paused": False}),
}
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("name",),
    "site": ("name", "origins", "retention_days", "alerts", "disabled"),
    "token": ("name", "role", "sites", "expires", "revoked"),
    "staff member": ("role", "sites", "disabled"),
    "webhook": ("url", "events", "sites", "paused"),
    "hold": ("until", "lifted", "site", "first", "before", "person"),
    "alert": ("rule", "site", "acknowledged", "ended"),
}


# Kinds that say what stands in a register.
REGISTERING: Final = frozenset(
    {*_MADE, *_CHANGED, EntryKind.WEBHOOK_REMOVED, EntryKind.POLICY_PUBLISHED, EntryKind.POLICY_RENDERED}
)


class Registered:
    """What the entries of one log say of each row. Fed by the verification, entry by entry; asked at the end."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[tuple[str, str], dict[str, object]] = {}
        self._positions: dict[tuple[str, str], int | None] = {}
        self._renderings: dict[str, int | None] = {}

    def read(self, kind: EntryKind, what: bytes, position: int | None) -> None:
        """Take note of an entry whose opening holds; its `position` is None while it waits for one."""
        if kind in _MADE:
            register, name, given = _MADE[kind]
            said = json.loads(what)
            row = {**given, **{one: said[one] for one in _MEMBERS[register] if one in said}}
            if kind is EntryKind.HOLD_PLACED:
                row |= _held(said["scope"])
            self._rows[register, said[name]] = row
            self._positions[register, said[name]] = position
        elif kind in _CHANGED:
            register, name, given = _CHANGED[kind]
            said = json.loads(what)
            changed = {**said.get("changes", {}), **given}
            self._rows.setdefault((register, said[name]), {}).update(
                {one: value for one, value in changed.items() if one in _MEMBERS[register]}
            )
            self._positions[register, said[name]] = position
        elif kind is EntryKind.WEBHOOK_REMOVED:
            self._rows.pop(("webhook", json.loads(what)["webhook"]), None)
        elif kind in (EntryKind.POLICY_PUBLISHED, EntryKind.POLICY_RENDERED):
            rendering = json.loads(what).get("rendering", "none")
            if rendering != "none":
                self._renderings[rendering] = position

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
        for digest, position in self._renderings.items():
            if digest not in registers.pictures:
                yield position, f"the pictures {digest} that it announced are missing or were altered"
            elif fault := registers.pictures[digest]:
                yield position, f"the pictures {digest} that it announced: {fault}"


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
    return [name for name, value in said.items() if stored.get(name) != value]


def _hold_differing(said: Mapping[str, object], stored: Mapping[str, Any], now: int | None) -> list[str]:
    person, records = said.get("person"), stored["person"]
    others = _differing({name: value for name, value in said.items() if name != "person"}, stored)
    until = said.get("until")
    # From then on it need not say any more whom it was about, and their records may be forgotten.
    ended = said.get("lifted") or (isinstance(until, int) and (now is None or until <= now))
    if (person is None) != (records is None) or (records is not None and person not in records and not ended):
        others.append("person")
    return others
