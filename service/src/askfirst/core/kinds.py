"""The closed list of what the ledger holds, so that no entry is ever of a kind that nobody documented."""

from enum import StrEnum
from typing import Literal, NamedTuple

Form = Literal["string", "number", "boolean", "object", "array"]


class EntryKind(StrEnum):
    """What happened, as `subject:action`."""

    DECISION_RECORDED = "decision:recorded"
    DECISION_IMPORTED = "decision:imported"
    POLICY_DRAFTED = "policy:drafted"
    POLICY_PUBLISHED = "policy:published"
    POLICY_RENDERED = "policy:rendered"
    BUILD_PUBLISHED = "build:published"
    ORGANISATION_CREATED = "organisation:created"
    SITE_CREATED = "site:created"
    SITE_CHANGED = "site:changed"
    KEY_CREATED = "key:created"
    KEY_ANNOUNCED = "key:announced"
    KEY_ACTIVATED = "key:activated"
    KEY_RETIRED = "key:retired"
    KEY_REVOKED = "key:revoked"
    STAFF_CREATED = "staff:created"
    STAFF_CHANGED = "staff:changed"
    STAFF_DISABLED = "staff:disabled"
    STAFF_SIGNED_IN = "staff:signed_in"
    STAFF_SIGN_IN_FAILED = "staff:sign_in_failed"
    STAFF_SIGNED_OUT = "staff:signed_out"
    TOKEN_CREATED = "token:created"  # noqa: S105
    TOKEN_REVOKED = "token:revoked"  # noqa: S105
    RECORD_VIEWED = "record:viewed"
    RECORDS_SEARCHED = "records:searched"
    RECORDS_FOLLOWED = "records:followed"
    RECORDS_EXPORTED = "records:exported"
    RECORD_ERASED = "record:erased"
    RECORD_RETAINED = "record:retained"
    RETENTION_RUN = "retention:run"
    HOLD_PLACED = "hold:placed"
    HOLD_LIFTED = "hold:lifted"
    WEBHOOK_ADDED = "webhook:added"
    WEBHOOK_REMOVED = "webhook:removed"
    WEBHOOK_TESTED = "webhook:tested"
    WEBHOOK_PAUSED = "webhook:paused"
    WEBHOOK_RESUMED = "webhook:resumed"
    ALERT_RAISED = "alert:raised"
    ALERT_ACKNOWLEDGED = "alert:acknowledged"
    ALERT_ENDED = "alert:ended"
    IMPORT_RUN = "import:run"
    LEDGER_VERIFIED = "ledger:verified"
    CHECKPOINT_REFUSED = "checkpoint:refused"
    BACKUP_MADE = "backup:made"
    BACKUP_RESTORED = "backup:restored"
    PAGE_VIEWED = "page:viewed"
    LOG_OPENED = "log:opened"
    LOG_CLOSED = "log:closed"


class Member(NamedTuple):
    """One member of the `what` part of a kind: its name, its JSON form, its meaning, and whether it may be null.

    `later`: entries of earlier releases do not have it.
    """

    name: str
    form: Form
    meaning: str
    nullable: bool = False
    later: bool = False


# Kinds that searches over records find.
DECISIONS = frozenset({EntryKind.DECISION_RECORDED, EntryKind.DECISION_IMPORTED})

# Kinds whose leaf names the entry that was forgotten (formats.md 5.3, `of`).
FORGETTING = frozenset({EntryKind.RECORD_ERASED, EntryKind.RECORD_RETAINED})

_SITE = Member("site", "string", "site key")
_POLICY = Member("policy", "string", "policy digest")
_KEY = Member("key", "string", "verifier key (formats.md 1.2)")
_USE = Member("use", "string", "`receipts` or `checkpoints`")
_ACCOUNT = Member("account", "string", "id of the staff member concerned")
_TOKEN = Member("token", "string", "id of the token, never the token")
_WEBHOOK = Member("webhook", "string", "id of the webhook")
_ALERT = (
    Member("alert", "string", "id of the alert"),
    Member("rule", "string", "what it is about: a rule of alerts.md"),
    Member("site", "string", "site key; null: the organisation", nullable=True),
)
_RECORD = Member("record", "string", "record id")
_FILTERS = Member("filters", "object", "what was asked for; a person is named by a record of theirs")
_VIA = Member("via", "string", "`console`, `api` or `cli`")
_REASON = Member("reason", "string", "why, in words")
_REASON_IF_GIVEN = Member("reason", "string", "why, in words", nullable=True)
_RENDERING = Member("rendering", "string", "digest of the picture of both layers in each language, or `none`")
_CREDENTIALS = Member(
    "credentials",
    "object",
    "what lets somebody in from now on, or just did: `password`, `identity`, `link`, `session` or `token`, each to its "
    "digest (formats.md 5.1)",
    later=True,
)
_SIZE = Member("size", "number", "tree size")
_ROOT = Member("root", "string", "root, 64 hex")
_HOLDS = Member("holds", "boolean", "nothing was found wrong")
_BACKUP = Member("digest", "string", "digest of the backup file")

# The members of `what` beside `v`, `kind`, `entry` and `time`. Decisions have members of their own: formats.md 5.1.
MEMBERS: dict[EntryKind, tuple[Member, ...]] = {
    EntryKind.DECISION_IMPORTED: (
        _SITE,
        Member("source", "string", "tool that asked"),
        Member("purposes", "object", "each purpose that was answered to `true` or `false`"),
        Member("given", "number", "ms: when, as the tool says"),
        Member("language", "string", "language, as the tool says", nullable=True),
        Member("origin", "string", "the page's origin, if it is one of the site's", nullable=True),
        Member("notice", "string", "what the tool calls its notice, policy or revision", nullable=True),
        Member("file", "string", "digest of the imported file"),
    ),
    EntryKind.POLICY_DRAFTED: (
        _SITE,
        Member("version", "number", "how often the draft was changed, this time included"),
        Member("part", "string", "what was changed in it: a part of the draft, `file`, `base`, or `discarded`"),
        _VIA,
    ),
    EntryKind.POLICY_PUBLISHED: (
        _SITE,
        _POLICY,
        Member("number", "number", "its number, from 1"),
        Member("revision", "number", "its revision, from 1"),
        _REASON,
        Member("asks_again", "array", "why the revision rose, in words; empty if it did not"),
        Member("overridden", "array", "ids of the checker's rules that an owner overrode; the reason says why"),
        _RENDERING,
        Member("rendering_reason", "string", "why there is no picture", nullable=True),
    ),
    EntryKind.POLICY_RENDERED: (_SITE, _POLICY, _RENDERING),
    EntryKind.BUILD_PUBLISHED: (
        Member("build", "string", "digest of the script with `null` as its configuration"),
        Member("parts", "array", "names of the parts that were joined, in order"),
    ),
    EntryKind.ORGANISATION_CREATED: (
        Member("organisation", "string", "id of the organisation"),
        Member("name", "string", "its name"),
    ),
    EntryKind.SITE_CREATED: (
        _SITE,
        Member("name", "string", "its name"),
        Member("origins", "array", "origins that may ask"),
    ),
    EntryKind.SITE_CHANGED: (_SITE, Member("changes", "object", "each setting that changed, to its new value")),
    EntryKind.KEY_CREATED: (_KEY, _USE),
    EntryKind.KEY_ANNOUNCED: (_KEY, _USE),
    EntryKind.KEY_ACTIVATED: (_KEY,),
    EntryKind.KEY_RETIRED: (_KEY, _REASON_IF_GIVEN),
    EntryKind.KEY_REVOKED: (_KEY, _REASON),
    EntryKind.STAFF_CREATED: (
        _ACCOUNT,
        Member("role", "string", "`auditor`, `editor` or `owner`"),
        Member("sites", "array", "site keys that the role is for; null: the organisation", nullable=True),
        _CREDENTIALS,
    ),
    EntryKind.STAFF_CHANGED: (
        _ACCOUNT,
        Member("changes", "object", "each setting that changed, to its new value"),
        _CREDENTIALS,
    ),
    EntryKind.STAFF_DISABLED: (_ACCOUNT, _REASON_IF_GIVEN),
    EntryKind.STAFF_SIGNED_IN: (Member("method", "string", "`password`, `link` or `openid`"), _CREDENTIALS),
    EntryKind.STAFF_SIGN_IN_FAILED: (
        Member("method", "string", "`password`, `link` or `openid`"),
        Member("account", "string", "id of the staff member whose name was given; null: nobody's", nullable=True),
        _REASON,
    ),
    EntryKind.STAFF_SIGNED_OUT: (
        Member("everywhere", "boolean", "all sessions ended, not only this one"),
        _CREDENTIALS,
    ),
    EntryKind.TOKEN_CREATED: (
        _TOKEN,
        Member("name", "string", "what it is for"),
        Member("role", "string", "`auditor`, `editor`, `owner` or `recorder`"),
        Member("sites", "array", "site keys that it is for; null: the organisation", nullable=True),
        Member("expires", "number", "ms; null: never", nullable=True),
        _CREDENTIALS,
    ),
    EntryKind.TOKEN_REVOKED: (_TOKEN, _REASON_IF_GIVEN),
    EntryKind.RECORD_VIEWED: (_RECORD, _VIA),
    EntryKind.RECORDS_SEARCHED: (_FILTERS, Member("found", "number", "records that were shown"), _VIA),
    EntryKind.RECORDS_FOLLOWED: (
        Member("sites", "array", "site keys whose new decisions were shown as they came; null: all", nullable=True),
        _VIA,
    ),
    EntryKind.RECORDS_EXPORTED: (
        _FILTERS,
        Member("format", "string", "`json`, `ndjson`, `csv` or `parquet`"),
        Member("rows", "number", "records that were handed out"),
        Member("digest", "string", "digest of what was handed out"),
        Member("via", "string", "`console`, `api` or `cli`; `daily` for the daily export"),
    ),
    EntryKind.RECORD_ERASED: (_RECORD, _SITE, _REASON),
    EntryKind.RECORD_RETAINED: (_RECORD, _SITE, Member("rule", "string", "retention rule that was followed")),
    EntryKind.RETENTION_RUN: (
        _SITE,
        Member("rule", "string", "retention rule that was followed"),
        Member("before", "number", "ms: records older than this were forgotten"),
        Member("forgotten", "number", "how many"),
    ),
    EntryKind.HOLD_PLACED: (
        Member("hold", "string", "id of the hold"),
        Member("scope", "object", "the subject or the range that is held"),
        _REASON,
        Member("until", "number", "ms; null: until it is lifted", nullable=True),
    ),
    EntryKind.HOLD_LIFTED: (Member("hold", "string", "id of the hold"), _REASON),
    EntryKind.WEBHOOK_ADDED: (
        _WEBHOOK,
        Member("url", "string", "where it is sent"),
        Member("events", "array", "what it is told of"),
        Member("sites", "array", "site keys that it is told of; null: the organisation", nullable=True),
    ),
    EntryKind.WEBHOOK_REMOVED: (_WEBHOOK,),
    EntryKind.WEBHOOK_TESTED: (_WEBHOOK, Member("said", "string", "what came of it")),
    EntryKind.WEBHOOK_PAUSED: (_WEBHOOK,),
    EntryKind.WEBHOOK_RESUMED: (_WEBHOOK,),
    EntryKind.ALERT_RAISED: (*_ALERT, Member("facts", "object", "what was found: alerts.md says of each rule what")),
    EntryKind.ALERT_ACKNOWLEDGED: _ALERT,
    EntryKind.ALERT_ENDED: _ALERT,
    EntryKind.IMPORT_RUN: (
        _SITE,
        Member("source", "string", "tool that the records come from"),
        Member("rows", "number", "records that were taken over"),
        Member("digest", "string", "digest of the file"),
    ),
    EntryKind.LEDGER_VERIFIED: (
        _SIZE,
        _ROOT,
        _HOLDS,
        Member("signatures", "boolean", "the signatures of receipts were checked, and not only what the receipts say"),
        Member("faults", "array", "what was found wrong, in words; at most 100"),
    ),
    EntryKind.CHECKPOINT_REFUSED: (
        _SIZE,
        _ROOT,
        Member("last_size", "number", "tree size of the last signed checkpoint"),
        Member("last_root", "string", "its root, 64 hex"),
        _REASON,
    ),
    EntryKind.BACKUP_MADE: (_SIZE, _ROOT, _BACKUP, _HOLDS),
    EntryKind.BACKUP_RESTORED: (_SIZE, _ROOT, _BACKUP, _HOLDS),
    EntryKind.PAGE_VIEWED: (Member("page", "string", "address of the page, without its query"), _VIA),
    EntryKind.LOG_OPENED: (
        Member("origin", "string", "log origin"),
        Member("predecessor", "string", "last checkpoint of the log that this one continues", nullable=True),
    ),
    EntryKind.LOG_CLOSED: (
        _SIZE,
        _ROOT,
        Member("successor", "string", "origin of the log that continues this one", nullable=True),
        _REASON,
    ),
}
