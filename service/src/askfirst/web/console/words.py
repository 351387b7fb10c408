"""How the console says things: methods, kinds of entries and times in plain words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from markupsafe import Markup

from askfirst.core.kinds import EntryKind

METHOD_WORDS: Final[Mapping[str, str]] = {
    "accept_all": "Accepted all",
    "reject_all": "Rejected all",
    "custom": "Chose",
    "withdraw": "Withdrew",
    "signal": "Sent a signal",
    "api": "Answered by API",
}

KIND_WORDS: Final[Mapping[EntryKind, str]] = {
    EntryKind.DECISION_RECORDED: "A visitor answered",
    EntryKind.POLICY_PUBLISHED: "A policy was published",
    EntryKind.POLICY_RENDERED: "A policy was pictured",
    EntryKind.BUILD_PUBLISHED: "A build of the banner was first served",
    EntryKind.ORGANISATION_CREATED: "The organisation was made",
    EntryKind.SITE_CREATED: "A site was added",
    EntryKind.SITE_CHANGED: "A site was changed",
    EntryKind.KEY_CREATED: "A key was made",
    EntryKind.KEY_ANNOUNCED: "A key was announced",
    EntryKind.KEY_ACTIVATED: "An announced key signs now",
    EntryKind.KEY_RETIRED: "A key was retired",
    EntryKind.KEY_REVOKED: "A key was revoked",
    EntryKind.STAFF_CREATED: "An account was made",
    EntryKind.STAFF_CHANGED: "An account was changed",
    EntryKind.STAFF_DISABLED: "An account was disabled",
    EntryKind.STAFF_SIGNED_IN: "Somebody signed in",
    EntryKind.STAFF_SIGN_IN_FAILED: "An attempt to sign in failed",
    EntryKind.STAFF_SIGNED_OUT: "Somebody signed out",
    EntryKind.TOKEN_CREATED: "An API token was made",
    EntryKind.TOKEN_REVOKED: "An API token was revoked",
    EntryKind.RECORD_VIEWED: "A record was looked at",
    EntryKind.RECORDS_SEARCHED: "Records were searched",
    EntryKind.RECORDS_FOLLOWED: "New decisions were followed",
    EntryKind.RECORDS_EXPORTED: "Records were exported",
    EntryKind.RECORD_ERASED: "A record was erased",
    EntryKind.RECORD_RETAINED: "A record's time was over",
    EntryKind.RETENTION_RUN: "Old records were forgotten",
    EntryKind.HOLD_PLACED: "A hold was placed",
    EntryKind.HOLD_LIFTED: "A hold was lifted",
    EntryKind.IMPORT_RUN: "Records were imported",
    EntryKind.LEDGER_VERIFIED: "The ledger was verified",
    EntryKind.CHECKPOINT_REFUSED: "A checkpoint was refused",
    EntryKind.BACKUP_MADE: "A backup was made",
    EntryKind.BACKUP_RESTORED: "A backup was restored",
    EntryKind.PAGE_VIEWED: "A page was opened",
    EntryKind.LOG_OPENED: "The log was opened",
    EntryKind.LOG_CLOSED: "The log was closed",
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MS: Final = 253_402_300_799_000  # the end of the year 9999
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def method_words(method: str) -> str:
    """Return how an answer was given, in words; what is no method of ours is shown as it is."""
    return METHOD_WORDS.get(method, method)


def kind_words(kind: str) -> str:
    """Return what an entry is about, in words."""
    return KIND_WORDS[EntryKind(kind)] if kind in tuple(EntryKind) else kind


def moment(ms: object) -> datetime | None:
    """Return milliseconds since 1970 as a time; None for what is none, in an altered record say."""
    if not isinstance(ms, int) or isinstance(ms, bool) or not 0 <= ms <= _MOST_MS:
        return None
    return _EPOCH + timedelta(milliseconds=ms)


def when(ms: object, *, seconds: bool = False) -> Markup:
    """Return a time as markup: in UTC to the minute, the exact time on hover and for machines."""
    at = moment(ms)
    if at is None:
        return Markup("<span>{}</span>").format("an unreadable time")
    date = f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    said = f"{date}, {at:%H:%M:%S} UTC" if seconds else f"{date}, {at:%H:%M} UTC"
    exact = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"
    machine = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    form = "second" if seconds else "minute"
    return Markup('<time datetime="{}" title="{}" data-to="{}">{}</time>').format(machine, exact, form, said)


def day_words(day: int) -> str:
    """Return a day, counted from 1970 in UTC, as `24 Nov`."""
    at = _EPOCH + timedelta(days=day)
    return f"{at.day} {_MONTHS[at.month - 1]}"


def day_date(day: int) -> str:
    """Return a day, counted from 1970 in UTC, as `2026-11-24`."""
    return f"{_EPOCH + timedelta(days=day):%Y-%m-%d}"


def count_words(count: int, one: str, many: str | None = None) -> str:
    """Return `1 decision` or `1,204 decisions`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def who_did(staff: object, names: Mapping[str, str]) -> str:
    """Return whom an entry names, in words; `names` has the members of staff by id."""
    if not isinstance(staff, str):
        return "the service"
    kind, _, name = staff.partition(":")
    if name and kind in ("operator", "token"):
        return f"{name}, on the command line" if kind == "operator" else f"the program {name}"
    return names.get(staff, staff)
