"""The two parts of decisions that say the same but for who and when, of which a service writes thousands."""

from collections.abc import Mapping

from askfirst.core.record import decision_what, decision_who

# Members of a sample, and what marks their places. Each stands before anything else that could read like it: members
# are in the order of their names, and only purposes, which come late, have names that somebody chose.
_RECORD = "00000000-0000-7000-8000-000000000000"
_SUBJECT = "000000000000000000000"
_WHAT_PLACES = (
    (b'"client_time":1,', b'"client_time":%d,'),
    (b'"late":false,', b'"late":%b,'),
    (b'"record":"%b",' % _RECORD.encode(), b'"record":"%b",'),
    (b'"server_time":2,', b'"server_time":%d,'),
)
_WHO_PLACES = (
    (b'"record":"%b",' % _RECORD.encode(), b'"record":"%b",'),
    (b'"subject":"%b",' % _SUBJECT.encode(), b'"subject":"%b",'),
)


def _form(sample: bytes, places: tuple[tuple[bytes, bytes], ...]) -> bytes:
    form = sample.replace(b"%", b"%%")
    for found, place in places:
        before, held, after = form.partition(found)
        if not held:
            raise ValueError("a decision is not written as its form expects")
        form = before + place + after
    return form


_WHO = _form(decision_who(record=_RECORD, subject=_SUBJECT), _WHO_PLACES)
_WHO_ANONYMOUS = _form(decision_who(record=_RECORD, subject=None), _WHO_PLACES[:1])


def who_part(*, record: str, subject: str | None, account: str | None = None) -> bytes:
    """Return what `decision_who` returns, with the account as its evidence where there is one. The values are the
    service's own, but for the account, which was checked."""
    if account is not None:
        return decision_who(record=record, subject=subject, evidence={"account": account})
    if subject is None:
        return _WHO_ANONYMOUS % record.encode()
    return _WHO % (record.encode(), subject.encode())


class WhatForm:
    """The `what` parts of decisions of the same answer (`decision_what`, to the byte)."""

    __slots__ = ("_form",)

    def __init__(
        self,
        *,
        site: str,
        policy: str,
        revision: int,
        build: str | None,
        language: str,
        purposes: Mapping[str, bool],
        method: str,
        origin: str,
        page: str | None,
        rule: str,
        gpc: bool,
    ) -> None:
        """Take what all of them say."""
        sample = decision_what(
            record=_RECORD,
            site=site,
            policy=policy,
            revision=revision,
            build=build,
            language=language,
            purposes=purposes,
            method=method,
            origin=origin,
            page=page,
            client_time=1,
            server_time=2,
            rule=rule,
            gpc=gpc,
            late=False,
        )
        self._form = _form(sample, _WHAT_PLACES)

    def part(self, *, record: str, client_time: int, server_time: int, late: bool) -> bytes:
        """Return the part of one decision. `record` is the service's own; times are in ms, from 0 to 2^53 - 1."""
        return self._form % (client_time, b"true" if late else b"false", record.encode(), server_time)
