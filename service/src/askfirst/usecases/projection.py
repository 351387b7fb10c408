"""Hold the search table against the entry that it was projected from."""

import json
from collections.abc import Mapping

from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import Directory
from askfirst.usecases.imported import imported_record
from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Record


def projected(directory: Directory, what: bytes, who: bytes, record: Record) -> list[str]:
    """Return the names of the columns of `record` that do not say what the opened entry says.

    `policy_number` is that of the policy whose digest the entry names. `receipt` is not looked at: it is signed.
    """
    try:
        said, concerned = json.loads(what), json.loads(who)
        if said["kind"] == EntryKind.DECISION_IMPORTED:
            return _differing(imported_record(said, concerned["subject"])._asdict(), record)
        purposes = said["purposes"]
        expected = {
            "site_key": said["site"],
            "subject": concerned["subject"],
            "server_time": said["server_time"],
            "method": said["method"],
            "policy_number": _number(directory, said["site"], said["policy"]),
            "language": said["language"],
            "origin": said["origin"],
            "granted": joined(purpose for purpose, answer in purposes.items() if answer),
            "refused": joined(purpose for purpose, answer in purposes.items() if not answer),
            "rule": said["rule"],
            "late": said["late"],
            "account": (concerned["evidence"] or {}).get("account"),
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ["entry"]
    return _differing(expected, record)


def _differing(expected: Mapping[str, object], record: Record) -> list[str]:
    return [name for name, value in expected.items() if getattr(record, name) != value]


def _number(directory: Directory, site_key: str, digest: str) -> int | None:
    site = directory.sites.get(site_key)
    live = site.policies.get(digest) if site else None
    return live.policy.number if live else None
