"""Publish a policy: immutable, numbered, named by its digest, and an entry of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from askfirst.core.errors import PolicyOvertaken, UnknownSite
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import Policy, PolicyDraft, canonical_policy, parse_policy, policy_digest
from askfirst.core.policy_diff import Change, causes, differences
from askfirst.usecases.check_policy import require_lawful
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.renderings import NONE, NOT_ASKED, Renderer, rendering_or_reason
from askfirst.usecases.rows import PublishedPolicy

_MOST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did: how the policy differs from the one before, and why its visitors are asked again.

    `changed` is False where the newest policy says the very same; then nothing was published. A site's first policy
    differs from nothing and asks nobody again. `without` says why there are no pictures, None where there are.
    """

    policy: Policy
    digest: str
    changed: bool
    differences: tuple[Change, ...] = ()
    asks_again: tuple[str, ...] = ()
    without: str | None = None


def publish_policy(
    catalogue: Catalogue,
    site_key: str,
    draft: PolicyDraft,
    *,
    reason: str,
    by: Acting,
    ask_again: bool = False,
    expected_number: int | None = None,
    override: Sequence[str] = (),
    renderer: Renderer | None = None,
) -> Publication:
    """Publish `draft` as the site's next policy. The same content again changes nothing.

    The revision rises where the differences need asking again (core.asking_again), and with `ask_again` in any case:
    then the reason is a cause too. `expected_number` is that of the policy which the draft was made from, 0 for none;
    where another editor published since, nothing is stored.
    Raises UnknownSite where no site has this key, BadName for a reason that is none, PolicyOvertaken where the newest
    policy has another number than expected, InvalidPolicy where it was altered, RulesBroken for errors that the check
    finds, and BadOverride for an override of nothing: `override` are ids of rules whose errors do not stop it, and
    `reason` then says why. `renderer` takes pictures before anything is stored; where it can not, the entry says why.
    """
    check_words("reason", reason, _MOST_REASON)
    overridden = require_lawful(draft, override=override)
    rendering, without = None, NOT_ASKED if renderer is None else None
    if renderer is not None and _is_news(catalogue, site_key, draft, ask_again, expected_number):
        rendering, without = rendering_or_reason(renderer, draft, site_key)
    with catalogue.transaction() as transaction:
        site = transaction.site(site_key)
        if site is None:
            raise UnknownSite(site_key)
        latest = transaction.latest_policy(site.log_id, site_key)
        if expected_number is not None and expected_number != (latest.number if latest else 0):
            raise PolicyOvertaken(site_key, expected=expected_number, found=latest.number if latest else 0)
        number, revision = 1, 1
        found: tuple[Change, ...] = ()
        why: tuple[str, ...] = ()
        if latest is not None:
            before = parse_policy(latest.canonical)
            if not ask_again and draft.published(site_key, before.number, before.revision) == before:
                return Publication(before, latest.digest.hex(), changed=False)
            found = differences(before, draft)
            why = (*causes(found), reason) if ask_again else causes(found)
            number, revision = before.number + 1, before.revision + (1 if why else 0)
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
        pictured = NONE
        if rendering is None:
            without = without or "it was decided only while it was published that anything differs"
        else:
            row, pictures = rendering.rows(site.log_id, site_key, digest, now)
            transaction.add_rendering(row, pictures)
            pictured = row.digest.hex()
        members = {
            "site": site_key,
            "number": number,
            "revision": revision,
            "policy": digest,
            "reason": reason,
            "asks_again": list(why),
            "overridden": list(overridden),
            "rendering": pictured,
            "rendering_reason": without,
        }
        kind = EntryKind.POLICY_PUBLISHED
        transaction.append(staff_entry(site.log_id, kind, members, now=now, by=by))
    return Publication(policy, digest, changed=True, differences=found, asks_again=why, without=without)


def _is_news(
    catalogue: Catalogue, site_key: str, draft: PolicyDraft, ask_again: bool, expected_number: int | None
) -> bool:
    """Tell whether a publication would change anything: no pictures are taken for one that is refused anyway.

    Raises PolicyOvertaken. The transaction decides; this only looks before.
    """
    published = [one for one in catalogue.snapshot().policies if one.site_key == site_key]
    latest = max(published, key=lambda one: one.number, default=None)
    if expected_number is not None and expected_number != (latest.number if latest else 0):
        raise PolicyOvertaken(site_key, expected=expected_number, found=latest.number if latest else 0)
    if latest is None or ask_again:
        return True
    before = parse_policy(latest.canonical)
    return draft.published(site_key, before.number, before.revision) != before
