"""A site's banner as configuration: what is asked, in whose name, in which words. Immutable once it is published."""

from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from askfirst.core.canonical import MAX_NUMBER, canonical_json, digest_hex
from askfirst.core.errors import InvalidPolicy, MalformedBody
from askfirst.core.links import link_faults
from askfirst.core.policy_checks import contradictions
from askfirst.core.policy_content import PolicyContent
from askfirst.core.policy_faults import ContradictionError, told
from askfirst.core.strict_json import strict_json
from askfirst.core.theme import theme_faults
from askfirst_sdk.receipt import is_site_key

FORMAT: Final = "askfirst/policy/1"
# Sixty services in thirty languages stay well below it.
MAX_POLICY_BYTES: Final = 2 * 1024 * 1024
# Members that came after the first policies were published. One is written only where it says something, so that the
# same draft has the same bytes as before; that it is absent means its default for ever (formats.md 7).
LATER: Final = frozenset({"opt_out_link", "retention_days", "embeds", "marks", "accounts", "count_views"})


class PolicyDraft(PolicyContent):
    """What an operator writes; the members that may be left out have their default here.

    `privacy_policy` and `texts` are by language, the first language being the default. `lifetime_days` is the same for
    either answer (REQUIREMENTS ASK-9). `wait_for_receipt` makes a choice count only when it is recorded. `page_path`
    asks for the page's path in each record. `gpc` lists the purposes that Global Privacy Control objects to.
    `opt_out_link` is what the control says, by language, with which visitors opt out where a region's rule lets a
    purpose run unless they do (REQUIREMENTS SG-8). `retention_days` is after how many days records are forgotten.
    `embeds` is about content that is held in its place, and `marks` has marks of other consent tools read. `accounts`
    has the words, by language, by which choices may be tied to accounts; without them none is (REQUIREMENTS ASK-14).
    `count_views` has pages say that the banner was shown, for a bare number.
    """

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        found = tuple(contradictions(self))
        if not isinstance(self, Policy):  # what was published once is read for ever
            found += (*theme_faults(self.theme), *link_faults(self.texts))
        if found:
            raise ContradictionError(found)
        return self

    def published(self, site: str, number: int, revision: int) -> "Policy":
        """Return this draft as the immutable policy of a site, every default of the first version written out.

        Raises InvalidPolicy for a site key, number or revision of the wrong form, or a policy that is too long.
        """
        silent = {
            name
            for name in LATER
            if getattr(self, name) == PolicyDraft.model_fields[name].get_default(call_default_factory=True)
        }
        members = self.model_dump(mode="json", exclude=silent)
        return parse_policy(
            canonical_json({**members, "format": FORMAT, "site": site, "number": number, "revision": revision})
        )


def _checked_site(text: str) -> str:
    if not is_site_key(text):
        raise ValueError("must be 4 to 32 characters of a-z0-9")
    return text


class Policy(PolicyDraft):
    """A published policy. It comes from `PolicyDraft.published` or `parse_policy` only: both hold every member, and
    what is held is what is written, so that a member added later never changes the digest of an old policy.
    """

    format: Literal["askfirst/policy/1"]
    site: Annotated[str, AfterValidator(_checked_site)]
    number: Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    revision: Annotated[int, Field(ge=1, le=MAX_NUMBER)]


def canonical_policy(policy: Policy) -> bytes:
    """Return the bytes that are served, hashed and kept (formats.md 7)."""
    return canonical_json(policy.model_dump(mode="json", exclude_unset=True))


def policy_digest(policy: Policy) -> str:
    """Return the 64 hex characters that name a policy."""
    return digest_hex(canonical_policy(policy))


def parse_policy(data: bytes) -> Policy:
    """Return the policy behind its canonical bytes; InvalidPolicy with one message a fault for anything else."""
    policy = _read(Policy, data)
    if canonical_policy(policy) != data:
        raise InvalidPolicy([("policy", "is not in its canonical form")])
    return policy


def parse_draft(data: bytes) -> PolicyDraft:
    """Return the draft in a JSON text; InvalidPolicy with one message a fault for anything else."""
    return _read(PolicyDraft, data)


_Read = TypeVar("_Read", bound=PolicyDraft)


def _read(model: type[_Read], data: bytes) -> _Read:
    if len(data) > MAX_POLICY_BYTES:
        raise InvalidPolicy([("policy", f"is longer than {MAX_POLICY_BYTES} bytes")])
    try:
        strict_json(data)  # pydantic's own reader would take the last of two members with one name
        return model.model_validate_json(data)
    except MalformedBody as error:
        raise InvalidPolicy([("policy", f"can not be read: {error.reason}")]) from error
    except ValidationError as error:
        raise InvalidPolicy([(_dotted(path), said) for path, said in told(error)]) from None


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path)) or "policy"
