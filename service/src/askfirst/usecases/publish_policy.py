"""Publish a policy: immutable, numbered, named by its digest, and an entry of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from askfirst.core.errors import UnknownSite
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import Policy, PolicyDraft, canonical_policy, parse_policy, policy_digest
from askfirst.usecases.check_policy import require_lawful
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.rows import PublishedPolicy

_MOST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did."""

    policy: Policy
    digest: str
    changed: bool  # False where the newest policy says the very same


def publish_policy(
    catalogue: Catalogue,
    site_key: str,
    draft: PolicyDraft,
    *,
    reason: str,
    by: Acting,
    ask_again: bool = False,
    override: Sequence[str] = (),
) -> Publication:
    """Publish `draft` as the site's next policy. The same content again changes nothing.

    `ask_again` raises the revision, so that visitors who answered are asked once more.
    `override` are the ids of rules of the check whose errors do not stop it; `reason` then says why.
    Raises UnknownSite where no site has this key, BadName for a reason that is none, RulesBroken for errors that the
    check finds, and BadOverride for an override of nothing.
    """
    check_words("reason", reason, _MOST_REASON)
    overridden = require_lawful(draft, override=override)
    with catalogue.transaction() as transaction:
        site = transaction.site(site_key)
        if site is None:
            raise UnknownSite(site_key)
        latest = transaction.latest_policy(site.log_id, site_key)
        number, revision = 1, 1
        if latest is not None:
            before = parse_policy(latest.canonical)
            if not ask_again and draft.published(site_key, before.number, before.revision) == before:
                return Publication(before, latest.digest.hex(), changed=False)
            number, revision = before.number + 1, before.revision + (1 if ask_again else 0)
        policy = draft.published(site_key, number, revision)
        digest = policy_digest(policy)
        now = by.clock()
        transaction.add_policy(
            PublishedPolicy(
                log_id=site.log_id,
                site_key=site_key,
                number=number,
                digest=bytes.fromhex(digest),
                revision=revision,
                canonical=canonical_policy(policy),
                published_at=now,
                superseded_at=None,
                reason=reason,
                staff=by.staff,
            )
        )
        members = {
            "site": site_key,
            "number": number,
            "revision": revision,
            "policy": digest,
            "reason": reason,
            "asks_again": [reason] if ask_again else [],
            "overridden": list(overridden),
            "rendering": "none",
            "rendering_reason": "no rendering was asked for",
        }
        kind = EntryKind.POLICY_PUBLISHED
        transaction.append(staff_entry(site.log_id, kind, members, now=now, by=by))
    return Publication(policy, digest, changed=True)
