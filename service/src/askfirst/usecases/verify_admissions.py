"""Hold sessions and sign-in links against the entries that began and ended them: a row of theirs lets somebody in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from askfirst.core.kinds import EntryKind
from askfirst.usecases.announcement import Announcement
from askfirst.usecases.credentials import named_in
from askfirst.usecases.rows import Admission

# Entries of earlier releases name no digest, and were written this long after the row at most (ms).
_SOON: Final = 5_000
_NAMES: Final[Mapping[str, str]] = {"session": "session", "link": "sign-in link"}

# Kinds that say who was let in, and until when.
ADMITTING: Final = frozenset(
    {
        EntryKind.STAFF_CREATED,
        EntryKind.STAFF_CHANGED,
        EntryKind.STAFF_DISABLED,
        EntryKind.STAFF_SIGNED_IN,
        EntryKind.STAFF_SIGNED_OUT,
    }
)


class _Given(NamedTuple):
    """What entries say of a session or link, and the position of the last one."""

    given: int | None  # None: it began before entries said so
    used: int | None
    position: int | None


class Admitted:
    """What the entries of one log say of sessions and links. Fed by the verification, entry by entry."""

    def __init__(self) -> None:
        """Begin with nothing."""
        # By what lets in and whom: what entries name, by digest, and the times (ms) of those that name none.
        self._known: defaultdict[tuple[str, str | None], dict[str, _Given]] = defaultdict(dict)
        self._unnamed: defaultdict[tuple[str, str | None], set[int]] = defaultdict(set)

    def read(self, announced: Announcement, said: Mapping[str, Any]) -> None:
        """Take note of an entry of one of these kinds whose opening holds, and what it says."""
        kind, account = announced.kind, said.get("account", announced.staff)
        named, changes = named_in(said), said.get("changes", {})
        given = named or {}
        if kind is EntryKind.STAFF_SIGNED_IN:
            self._begin("session", account, named, said["time"], announced.position)
            self._use(given.get("link"), account, said["time"], announced.position)
        elif kind is EntryKind.STAFF_SIGNED_OUT and not said["everywhere"]:
            self._known["session", account].pop(given.get("session", ""), None)
        elif kind in (EntryKind.STAFF_SIGNED_OUT, EntryKind.STAFF_DISABLED) or "password" in given:
            # Who chose a new password stays in with the session that they did it with.
            kept = given.get("session")
            self._end("session", account, but=kept)
            if kept is not None and kind is EntryKind.STAFF_CHANGED:
                self._known["session", account].setdefault(kept, _Given(None, None, announced.position))
            if kind is not EntryKind.STAFF_SIGNED_OUT:
                self._end("link", account)
        elif changes.get("sessions") == "ended":
            self._end("session", account)
        if kind is EntryKind.STAFF_CREATED or "sign_in_link" in changes:
            self._end("link", account)
            self._begin("link", account, named, said["time"], announced.position)

    def _begin(
        self, what: str, account: str | None, named: Mapping[str, str] | None, time: int, position: int | None
    ) -> None:
        if named is None:
            self._unnamed[what, account].add(time)
        elif what in named:
            self._known[what, account][named[what]] = _Given(time, None, position)

    def _use(self, link: str | None, account: str | None, time: int, position: int | None) -> None:
        links = self._known["link", account]
        if link is not None and link in links:
            links[link] = links[link]._replace(used=time, position=position)

    def _end(self, what: str, account: str | None, but: str | None = None) -> None:
        """Forget what has ended; a link that was used stays, with the time of its use."""
        known = self._known[what, account]
        self._known[what, account] = {
            digest: given for digest, given in known.items() if given.used is not None or digest == but
        }
        self._unnamed[what, account].clear()

    def faults(self, admissions: Iterable[Admission]) -> Iterator[tuple[int | None, str]]:
        """Return what does not fit, with the position of the entry that says otherwise.

        `admissions` are of a moment of which every entry was read here. That one is missing is no fault: they end.
        """
        for one in admissions:
            known = self._known[one.what, one.account].get(one.digest)
            whose = f"of the staff member {one.account}"
            if known is None:
                if not self._was_unnamed(one):
                    yield None, f"A {_NAMES[one.what]} {whose} is open that no entry began, or that was ended."
            elif known.used != one.used or known.given not in (None, one.given):
                yield known.position, f"a {_NAMES[one.what]} {whose} has another time than was said last"

    def _was_unnamed(self, one: Admission) -> bool:
        return any(0 <= time - one.given <= _SOON for time in self._unnamed[one.what, one.account])
