"""The draft of a site's next policy: begun with what is asked now, changed part by part, and never half anybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from askfirst.core.canonical import canonical_json
from askfirst.core.errors import DraftOvertaken, InvalidPolicy
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import MAX_POLICY_BYTES, Policy
from askfirst.core.purposes import NECESSARY
from askfirst.core.strict_json import strict_json
from askfirst.texts import default_purpose, default_texts
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting
from askfirst.usecases.rows import Entry, StoredDraft

VIA: Final = "console"
_FIRST_LANGUAGE: Final = "en"
# What a published policy has beside its draft.
_LABELS: Final = frozenset({"format", "site", "number", "revision"})


class Drafts(Protocol):
    """Where drafts are kept: one a site, each change with its ledger entry."""

    def read(self, log_id: int, site_key: str) -> StoredDraft | None:
        """Return the draft of a site."""
        ...

    def save(self, draft: StoredDraft, expected: int, entry: Entry) -> bool:
        """Store a draft in the place of version `expected`, 0 for none, with the entry that says so.

        False, and nothing is stored, where another version is there by now.
        """
        ...

    def drop(self, log_id: int, site_key: str, expected: int, entry: Entry | None) -> bool:
        """Forget version `expected` of a draft, with the entry that says so; False where it is another one by now."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A site's draft as plain members, which may break every rule.

    `version` is 0 and the rest None where nobody began one yet: then the members are those of the current policy.
    """

    members: Mapping[str, Any]
    version: int
    based_on: int
    changed_at: int | None = None
    staff: str | None = None


def open_draft(drafts: Drafts, site: LiveSite) -> Draft:
    """Return the draft of a site, or what one begins with."""
    stored = drafts.read(site.site.log_id, site.site.site_key)
    if stored is not None:
        members = strict_json(stored.content)
        # Only an altered row holds anything else; then the editor begins anew, over it.
        known = members if isinstance(members, dict) else beginning(site)
        return Draft(known, stored.version, stored.based_on, stored.changed_at, stored.staff)
    return Draft(beginning(site), 0, number_of(site))


def beginning(site: LiveSite) -> dict[str, Any]:
    """Return the members that a draft begins with: those of the current policy, or the default words."""
    return members_of(site.current.policy) if site.current else blank_members()


def number_of(site: LiveSite) -> int:
    """Return the number of a site's current policy, 0 for none."""
    return site.current.policy.number if site.current else 0


def members_of(policy: Policy) -> dict[str, Any]:
    """Return the members of a published policy that its site file would have."""
    return {name: value for name, value in policy.model_dump(mode="json").items() if name not in _LABELS}


def blank_members() -> dict[str, Any]:
    """Return the members of a site's first draft: default words, and nothing yet that only its owner can know."""
    wanted = (_FIRST_LANGUAGE,)
    purposes = [default_purpose(each, wanted).model_dump(mode="json") for each in (NECESSARY, "measurement")]
    return {
        "controller": {"name": "", "address": "", "contact": "", "country": None},
        "privacy_policy": {_FIRST_LANGUAGE: ""},
        "languages": [_FIRST_LANGUAGE],
        "purposes": purposes,
        "services": [],
        "texts": {_FIRST_LANGUAGE: default_texts(_FIRST_LANGUAGE).model_dump(mode="json")},
    }


def save_draft(
    drafts: Drafts,
    site: LiveSite,
    members: Mapping[str, Any],
    *,
    part: str,
    expected: int,
    based_on: int,
    by: Acting,
) -> StoredDraft:
    """Store `members` as the draft's next version, with the entry that says which part was changed.

    Raises DraftOvertaken where version `expected` (0 for none) is not the newest any more, and InvalidPolicy for more
    than a policy can be long or anything that is not plain JSON; nothing is stored then.
    """
    try:
        content = canonical_json(members)
    except ValueError as error:
        raise InvalidPolicy([("policy", f"can not be kept: {error}")]) from None
    if len(content) > MAX_POLICY_BYTES:
        raise InvalidPolicy([("policy", f"is longer than {MAX_POLICY_BYTES} bytes")])
    log_id, key, now = site.site.log_id, site.site.site_key, by.clock()
    draft = StoredDraft(log_id, key, expected + 1, based_on, content, now, by.staff)
    if not drafts.save(draft, expected, _entry(site, draft.version, part, now, by)):
        raise _overtaken(drafts, site, expected)
    return draft


def discard_draft(drafts: Drafts, site: LiveSite, *, expected: int, by: Acting) -> None:
    """Forget a draft, with an entry. Raises DraftOvertaken where version `expected` is not the newest any more."""
    entry = _entry(site, expected + 1, "discarded", by.clock(), by)
    if not drafts.drop(site.site.log_id, site.site.site_key, expected, entry):
        raise _overtaken(drafts, site, expected)


def _entry(site: LiveSite, version: int, part: str, now: int, by: Acting) -> Entry:
    members = {"site": site.site.site_key, "version": version, "part": part, "via": VIA}
    return staff_entry(site.site.log_id, EntryKind.POLICY_DRAFTED, members, now=now, by=by)


def _overtaken(drafts: Drafts, site: LiveSite, expected: int) -> DraftOvertaken:
    newest = drafts.read(site.site.log_id, site.site.site_key)
    return DraftOvertaken(site.site.site_key, expected=expected, found=newest.version if newest else 0)
