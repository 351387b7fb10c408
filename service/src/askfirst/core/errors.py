"""Everything that Askfirst refuses or finds broken, so that one place can turn each into an answer.

    AskfirstError
    ├── Problem                      told to the caller: one class for each code of formats.md 6.3
    │   ├── UnknownSite, OriginMissing, OriginNotAllowed
    │   ├── UnsupportedContentType, BodyTooLarge, MalformedBody, InvalidDecision
    │   ├── UnknownPolicy, UnknownBuild, UnknownLanguage, UnknownPurpose, MissingPurpose, UnknownRule
    │   ├── AccountsOff, MethodMismatch
    │   ├── ReceiptRequired, DecisionConflict, DecisionErased
    │   ├── MethodNotAllowed, RateLimited, Unavailable, NotFound, Unforeseen
    │   ├── Unauthorized, Forbidden, InvalidQuery, OnHold
    │   └── InvalidSiteFile, UnlawfulPolicy, PolicyConflict
    └── Fault                        told to the operator: never an answer of its own to a visitor
        ├── ConfigurationFault       a setting that the service can not run with
        ├── SchemaMismatch, MissingKey
        ├── BadName, NameTaken       what an operator wants to name can not be named so
        ├── InvalidPolicy            a site file or policy that may not be published
        ├── DraftOvertaken           another editor changed a draft first
        ├── PolicyOvertaken          another editor published a policy first
        ├── ExportFailed             a file of the daily export could not be kept
        ├── NotRendered              no picture could be taken of a policy
        ├── RulesBroken, BadOverride the policy check found errors, or what is to be overridden is none
        ├── InvalidAccount           an account, role or token of staff that can not be as it is wanted
        ├── IdentityRefused          an identity provider that does not vouch for somebody
        └── LedgerFault
            ├── MalformedLeaf, MalformedTile, MissingTile
            ├── MalformedNote, UntrustedNote
            ├── MalformedCheckpoint, CheckpointRefused
            ├── AnchorAway, AnchorMoved
            └── MalformedProof, ProofMismatch

A message names the thing; what a caller sent is shown shortened, and never what could tell who somebody is.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

_TOLD = 10  # findings that one message lists
_SHOWN = 200  # characters of a caller's own text that a message repeats


class AskfirstError(Exception):
    """The root of all errors of the service: a stable `code`, a `title` for the kind, and a message for this case."""

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    facts: ClassVar[tuple[str, ...]] = ()
    said: ClassVar[str] = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.said)

    def members(self) -> dict[str, object]:
        """Return the extra members of the problem document: plain JSON values, those of `facts`."""
        return {name: _as_json(getattr(self, name)) for name in self.facts}

    @property
    def detail(self) -> str:
        """One sentence about this very case."""
        return str(self)


class Problem(AskfirstError):  # noqa: N818 (the word of RFC 9457)
    """A request that is refused; the caller is told why."""


class Fault(AskfirstError):  # noqa: N818
    """Something wrong on the service's own side; the operator is told what and the remedy."""


class UnknownSite(Problem):
    """No site has this key."""

    code = "unknown-site"
    title = "Unknown site"
    facts = ("site",)

    def __init__(self, site: str) -> None:
        self.site = site
        super().__init__(f"No site has the key {_shown(site)}.")


class OriginMissing(Problem):
    """The request names no origin, or `null`."""

    code = "origin-missing"
    title = "Origin missing"
    said = "A decision is accepted from a page only, and a page's request names its origin."


class OriginNotAllowed(Problem):
    """The site does not list the page's origin."""

    code = "origin-not-allowed"
    title = "Origin not allowed"
    facts = ("origin",)

    def __init__(self, origin: str) -> None:
        self.origin = origin
        super().__init__(f"The site does not list the origin {_shown(origin)}.")


class UnsupportedContentType(Problem):
    """The body is of a media type that this address does not read: a decision is JSON or text, a form is a form."""

    code = "unsupported-content-type"
    title = "Unsupported content type"
    said = "A decision is sent as application/json or text/plain."


class BodyTooLarge(Problem):
    """The body is longer than `limit` bytes."""

    code = "body-too-large"
    title = "Body too large"
    facts = ("limit",)

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The body is longer than {limit} bytes.")


class MalformedBody(Problem):
    """The body is not UTF-8, not JSON, or repeats a member; `reason` says which."""

    code = "malformed-body"
    title = "Malformed body"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The body can not be read: {reason}.")


class _Listed(AskfirstError):  # noqa: N818
    """An error with one entry for each wrong member: `errors` holds (member, message) pairs."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = tuple((_plain(member), _printable(said)) for member, said in errors)
        super().__init__(f"{self.said}: " + "; ".join(f"{member} {said}" for member, said in self.errors) + ".")

    def members(self) -> dict[str, object]:
        return {"errors": [{"member": member, "message": said} for member, said in self.errors]}


class InvalidDecision(_Listed, Problem):
    """A member of a decision is missing, unknown or of the wrong form."""

    code = "invalid-decision"
    title = "Invalid decision"
    said = "The decision is not of the form that is asked for"


class UnknownPolicy(Problem):
    """The site never published a policy with this digest."""

    code = "unknown-policy"
    title = "Unknown policy"
    facts = ("policy",)

    def __init__(self, policy: str) -> None:
        self.policy = policy
        super().__init__(f"This site never published a policy with the digest {_shown(policy)}.")


class UnknownBuild(Problem):
    """No snippet build with this digest was ever served."""

    code = "unknown-build"
    title = "Unknown build"
    facts = ("build",)

    def __init__(self, build: str) -> None:
        self.build = build
        super().__init__(f"No script with the build digest {_shown(build)} was ever served.")


class UnknownLanguage(Problem):
    """The policy has no such language."""

    code = "unknown-language"
    title = "Unknown language"
    facts = ("language",)

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(f"The policy has no texts in the language {_shown(language)}.")


class _OfPurposes(Problem):
    """A problem with some purposes: `purposes` names them, sorted."""

    facts = ("purposes",)

    def __init__(self, purposes: Sequence[str]) -> None:
        self.purposes = tuple(sorted(purposes))
        super().__init__(f"{self.said}: {', '.join(map(_plain, self.purposes))}.")


class UnknownPurpose(_OfPurposes):
    """The policy has no such optional purpose."""

    code = "unknown-purpose"
    title = "Unknown purpose"
    said = "The policy does not ask about these purposes"


class MissingPurpose(_OfPurposes):
    """An optional purpose has no answer."""

    code = "missing-purpose"
    title = "Missing purpose"
    said = "The policy also asks about these purposes, and they have no answer"


class UnknownRule(Problem):
    """The policy has no such region rule."""

    code = "unknown-rule"
    title = "Unknown region rule"
    facts = ("rule",)

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(f"The policy has no region rule {_shown(rule)}.")


class AccountsOff(Problem):
    """A decision names an account, and the policy that it answers did not say that choices are tied to accounts."""

    code = "accounts-off"
    title = "Choices are not tied to accounts"

    def __init__(self) -> None:
        super().__init__("The policy does not say that choices are tied to accounts: publish one with accounts first.")


class MethodMismatch(Problem):
    """The method says something else than the answers; `expected` says what it would mean."""

    code = "method-mismatch"
    title = "Method mismatch"
    facts = ("method",)

    def __init__(self, method: str, expected: str) -> None:
        self.method = method
        self.expected = expected
        super().__init__(f"The method {method} means {expected}, but the decision says something else.")


class ReceiptRequired(Problem):
    """A consent id came without its receipt."""

    code = "receipt-required"
    title = "Receipt required"
    said = "A consent id alone gives nobody any power: its valid receipt has to come with it."


class DecisionConflict(Problem):
    """The same decision id came before with another body."""

    code = "decision-conflict"
    title = "Decision conflict"
    said = "A decision with this id but another content was recorded before, and it stays."


class DecisionErased(Problem):
    """The decision with this id was erased."""

    code = "decision-erased"
    title = "Decision erased"
    said = "The decision with this id was erased and is not recorded again."


class MethodNotAllowed(Problem):
    """This address does not know the HTTP method; `allowed` lists those that it knows."""

    code = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(f"This address answers {', '.join(self.allowed)} only.")


class RateLimited(Problem):
    """Too many requests came from one address; the caller may try again after `retry_after` seconds."""

    code = "rate-limited"
    title = "Too many requests"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many requests came from this address; try again in {retry_after} seconds.")


class Unavailable(Problem):
    """The queue is full or the database is away; the caller may try again after `retry_after` seconds."""

    code = "unavailable"
    title = "Not available at the moment"

    def __init__(self, retry_after: int, reason: str = "the queue is full") -> None:
        self.retry_after = retry_after
        self.reason = reason
        super().__init__(f"Nothing was confirmed, since {reason}; try again in {retry_after} seconds.")


class NotFound(Problem):
    """Nothing is at this address."""

    code = "not-found"
    title = "Not found"
    said = "Nothing is at this address."


class Unforeseen(Problem):
    """Something went wrong that nobody foresaw; what it was is in the service's log, and never in the answer."""

    code = "unforeseen"
    title = "Something went wrong"
    said = "Something went wrong on our side, and nothing was confirmed. The service's log says what it was."


class Unauthorized(Problem):
    """No credential came, or not a good one."""

    code = "unauthorized"
    title = "Not signed in"
    said = "This needs a valid credential."


class Forbidden(Problem):
    """The credential's role or sites do not cover this."""

    code = "forbidden"
    title = "Not allowed"
    said = "The role or the sites of this credential do not cover this."


class InvalidQuery(_Listed, Problem):
    """A parameter is unknown or of the wrong form."""

    code = "invalid-query"
    title = "Invalid query"
    said = "The query is not of the form that is asked for"


class OnHold(Problem):
    """A legal hold keeps what somebody wants to be forgotten; `holds` names each that does."""

    code = "on-hold"
    title = "On hold"
    facts = ("holds",)

    def __init__(self, holds: Sequence[str]) -> None:
        self.holds = tuple(holds)
        super().__init__(f"Nothing was forgotten, since a legal hold keeps some of it: {', '.join(self.holds)}.")


class _WithFindings(Problem):
    """A site file that is refused: `findings` says each thing that is wrong, with its place and what would mend it."""

    def __init__(self, findings: Sequence[Mapping[str, object]]) -> None:
        self.findings = tuple(findings)
        first = _printable(f"{self.findings[0]['path']} {self.findings[0]['said']}")
        more = f", and {len(self.findings) - 1} more" if len(self.findings) > 1 else ""
        super().__init__(f"{self.said}: {first}{more}.")

    def members(self) -> dict[str, object]:
        return {"findings": list(self.findings)}


class InvalidSiteFile(_WithFindings):
    """The site file can not be read, or is not of its form; `findings` says where and what would be right."""

    code = "invalid-site-file"
    title = "Invalid site file"
    said = "The site file is not of the form that is asked for"


class UnlawfulPolicy(_WithFindings):
    """The policy check found errors that nobody overrode; nothing was published. `findings` has them."""

    code = "unlawful-policy"
    title = "Rules broken"
    said = "Nothing was published, since the check found errors"


class PolicyConflict(Problem):
    """Somebody published a policy of the site since the one that an editor began with: `expected`, now `found`."""

    code = "policy-conflict"
    title = "Policy overtaken"
    facts = ("expected", "found")

    def __init__(self, message: str, *, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(message)


class ConfigurationFault(_Listed, Fault):
    """The service can not run with these settings; all that is wrong is named at once."""

    code = "configuration"
    title = "Configuration fault"
    said = "The configuration can not be used"


class InvalidPolicy(_Listed, Fault):
    """A site file or policy breaks a rule of the policy format."""

    code = "invalid-policy"
    title = "Invalid policy"
    said = "The policy is not of the form that is asked for"


class PolicyOvertaken(Fault):
    """Somebody published a policy of the site since the one that an editor began with: `expected`, now `found`."""

    code = "policy-overtaken"
    title = "Policy overtaken"
    facts = ("site", "expected", "found")

    def __init__(self, site: str, *, expected: int, found: int) -> None:
        self.site, self.expected, self.found = site, expected, found
        newest = f"policy {found} is the newest" if found else "it has none"
        super().__init__(
            f"Nothing was published, since policy {expected} of {_shown(site)} was expected to be the newest and "
            f"{newest}; look at what differs, then publish again and expect {found}."
        )


class DraftOvertaken(Fault):
    """Somebody changed a site's draft since an editor opened it: version `expected`, now `found`, 0 for no draft."""

    code = "draft-overtaken"
    title = "Draft overtaken"
    facts = ("site", "expected", "found")

    def __init__(self, site: str, *, expected: int, found: int) -> None:
        self.site, self.expected, self.found = site, expected, found
        super().__init__(f"The draft of {_shown(site)} was changed since version {expected}; it is at version {found}.")


class ExportFailed(Fault):
    """A file of the daily export could not be read or written; `reason` says why, as a clause."""

    code = "export-failed"
    title = "Export failed"

    def __init__(self, reason: str) -> None:
        self.reason = _plain(reason)
        super().__init__(f"The daily export was not written: {self.reason}.")


class NotRendered(Fault):
    """No picture could be taken of a policy's banner; `reason` says why, as a clause."""

    code = "not-rendered"
    title = "Not rendered"

    def __init__(self, reason: str) -> None:
        self.reason = _plain(reason)
        super().__init__(f"There is no picture of the policy: {self.reason}.")


class RulesBroken(Fault):
    """The policy check found errors that nobody overrode: `found` holds (rule id, member, what is wrong)."""

    code = "rules-broken"
    title = "Rules broken"

    def __init__(self, found: Sequence[tuple[str, str, str]]) -> None:
        self.found = tuple(found)
        told = [f"{rule} at {_plain(member)}: {_plain(said)}" for rule, member, said in self.found[:_TOLD]]
        more = f"; and {len(self.found) - _TOLD} more" if len(self.found) > _TOLD else ""
        super().__init__(
            f"Nothing was published, since the check found errors: {'; '.join(told)}{more}. Mend them, or override a "
            "rule by its id with: --override"
        )


class BadOverride(Fault):
    """A rule that is to be overridden does not exist, or found no error."""

    code = "bad-override"
    title = "Bad override"

    def __init__(self, rule: str, why: str) -> None:
        self.rule = rule
        super().__init__(f"{_shown(rule)} {why}; see: askfirst policy check")


class InvalidAccount(_Listed, Fault):
    """An account, its password, its role or a token can not be as somebody wants it."""

    code = "invalid-account"
    title = "Invalid account"
    said = "This can not be done with the account"


class IdentityRefused(Fault):
    """The organisation's identity provider did not vouch for somebody, or somebody may not come in with it."""

    code = "identity-refused"
    title = "Identity refused"


class SchemaMismatch(Fault):
    """The database's schema is not this version's: `found` (None where empty) and `expected` are migration ids, and
    `newer` says that this version does not know the one found.
    """

    code = "schema-mismatch"
    title = "Schema mismatch"

    def __init__(self, *, found: str | None, expected: str, newer: bool = False) -> None:
        self.found = found
        self.expected = expected
        self.newer = newer
        if newer:
            said = f"has the schema {found}, made by a newer version of Askfirst; this one knows {expected} at most."
            said += " Install that version again, or restore a backup from before"
        else:
            state = "has no schema yet" if found is None else f"has the schema {found}"
            said = f"{state}, and this version needs {expected}; run: askfirst migrate"
        super().__init__(f"The database {said}")


class MissingKey(Fault):
    """No private key of an organisation's active ones is at hand."""

    code = "missing-key"
    title = "Missing key"

    def __init__(self, *, use: str, verifiers: Sequence[str]) -> None:
        self.use = use
        self.verifiers = tuple(verifiers)
        wanted = ", ".join(verifier.rpartition("+")[0] for verifier in self.verifiers) or "none was ever made"
        super().__init__(
            f"No {use} key can sign: the keys folder lacks the private half of {wanted}; restore it from a backup, "
            f"or make a new one with: askfirst key rotate {use} --at-once"
        )


class BadName(Fault):
    """A name or address that an operator gave is not of its form."""

    code = "bad-name"
    title = "Bad name"

    def __init__(self, what: str, value: str, form: str) -> None:
        self.what, self.value, self.form = what, value, form
        super().__init__(f"{_shown(value)} can not be the {what}: it must be {form}.")


class NameTaken(Fault):
    """A name that has to be the only one is in use."""

    code = "name-taken"
    title = "Name taken"

    def __init__(self, what: str, value: str, remedy: str = "") -> None:
        self.what = what
        self.value = value
        super().__init__(f"The {what} {_shown(value)} is in use already. {remedy}".rstrip())


class LedgerFault(Fault):
    """The ledger, or something that claims to come from one, does not hold together."""

    code = "ledger"
    title = "Ledger fault"


class AnchorAway(LedgerFault):
    """Where the last checkpoint is kept outside the database does not answer; `reason` says why, as a clause."""

    code = "anchor-away"
    title = "Kept checkpoint out of reach"

    def __init__(self, reason: str) -> None:
        self.reason = _plain(reason)
        super().__init__(
            f"The last checkpoint outside the database is out of reach, and nothing is signed: {self.reason}."
        )


class AnchorMoved(LedgerFault):
    """Another publisher kept a checkpoint between this one's look and its own."""

    code = "anchor-moved"
    title = "Kept checkpoint moved"

    def __init__(self) -> None:
        super().__init__(
            "Another publisher kept a checkpoint outside the database at the same time, and nothing was signed. "
            "If this goes on, two databases are written for one log: find out which is the true one before all else."
        )


class MalformedLeaf(LedgerFault):
    """Bytes that claim to be a leaf are none (formats.md 5.3)."""

    code = "malformed-leaf"
    title = "Malformed leaf"


class MalformedTile(LedgerFault):
    """A path names no tile, or bytes that claim to be an entry bundle are none (C2SP tlog-tiles)."""

    code = "malformed-tile"
    title = "Malformed tile"


class MissingTile(LedgerFault):
    """A tile that a tree of this size has is not there, or too short."""

    code = "missing-tile"
    title = "Missing tile"

    def __init__(self, level: int, index: int) -> None:
        self.level = level
        self.index = index
        super().__init__(f"The tile {index} of level {level} is missing or too short; rebuild it from the leaves.")


class MalformedNote(LedgerFault):
    """Bytes that claim to be a signed note are none (C2SP signed-note)."""

    code = "malformed-note"
    title = "Malformed note"


class UntrustedNote(LedgerFault):
    """No known key signed this note, or the signature of a known key does not hold."""

    code = "untrusted-note"
    title = "Untrusted note"


class MalformedCheckpoint(LedgerFault):
    """The text of a note is no checkpoint (C2SP tlog-checkpoint), or that of another log."""

    code = "malformed-checkpoint"
    title = "Malformed checkpoint"


class CheckpointRefused(LedgerFault):
    """The head does not extend the last signed checkpoint, so that signing it would fork the log."""

    code = "checkpoint-refused"
    title = "Checkpoint refused"

    def __init__(self, reason: str, *, size: int, root: bytes, last_size: int, last_root: bytes) -> None:
        self.reason = reason
        self.size, self.root = size, root
        self.last_size, self.last_root = last_size, last_root
        super().__init__(
            f"A checkpoint of size {size} after one of size {last_size} was refused, since {reason}; "
            "close this log and open a new one that names its last checkpoint."
        )


class MalformedProof(LedgerFault):
    """Bytes that claim to be a proof are none (C2SP tlog-proof)."""

    code = "malformed-proof"
    title = "Malformed proof"


class ProofMismatch(LedgerFault):
    """A proof is well formed, but does not lead to the root that the checkpoint names."""

    code = "proof-mismatch"
    title = "Proof mismatch"


def _as_json(fact: object) -> object:
    if isinstance(fact, str):
        return _plain(fact)
    return [_as_json(each) for each in fact] if isinstance(fact, tuple) else fact


def _plain(text: str) -> str:
    """Return a caller's own text shortened, and with nothing in it that can not be printed or encoded."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)


def _shown(text: str) -> str:
    return f"“{_plain(text)}”"
