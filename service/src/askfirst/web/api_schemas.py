"""The JSON Schemas of what the audit API answers with, by the names that the OpenAPI document gives them."""

from collections.abc import Mapping
from typing import Any, Final

from askfirst.core.kinds import EntryKind
from askfirst.usecases.alerts import Rule
from askfirst.usecases.record_filters import METHODS

TEXT: Final[dict[str, Any]] = {"type": "string"}
TEXT_OR_NULL: Final[dict[str, Any]] = {"type": ["string", "null"]}
NUMBER: Final[dict[str, Any]] = {"type": "integer"}
YES_NO: Final[dict[str, Any]] = {"type": "boolean"}
UUID: Final[dict[str, Any]] = {"type": "string", "format": "uuid"}
UUID_OR_NULL: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "uuid"}
MS: Final[dict[str, Any]] = {"type": "integer", "description": "Milliseconds since 1970."}
MS_OR_NULL: Final[dict[str, Any]] = {"type": ["integer", "null"], "description": "Milliseconds since 1970."}
ANYTHING: Final[dict[str, Any]] = {"type": "object"}
SITE_KEY: Final[dict[str, Any]] = {"type": "string", "pattern": "^[a-z0-9]{4,32}$"}
REASON: Final[dict[str, Any]] = {"type": "string", "pattern": "^[!-~]([ -~]{0,998}[!-~])?$"}


def list_of(items: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": dict(items)}


def closed(members: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the schema of an object with these members and no other."""
    return {
        "type": "object",
        "properties": dict(members),
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def named(name: str) -> dict[str, str]:
    """Return a reference to one of these schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


_LINE: Final[dict[str, Any]] = {
    "record": UUID,
    "consent_id": {"type": ["string", "null"], "description": "What the visitor can quote; null: a full refusal."},
    "site": TEXT,
    "server_time": MS,
    "method": {"enum": list(METHODS)},
    "granted": list_of(TEXT),
    "refused": list_of(TEXT),
    "language": TEXT,
    "origin": {"type": "string", "description": "Origin of the page."},
    "policy_number": NUMBER,
    "rule": {"type": "string", "description": "Id of the region rule that the page followed."},
    "late": {"type": "boolean", "description": "It came when its policy was no longer the current one."},
}
_HOLD: Final[dict[str, Any]] = {
    "hold": UUID,
    "about": {"enum": ["person", "range"]},
    "site": TEXT_OR_NULL,
    "from": MS_OR_NULL,
    "to": MS_OR_NULL,
    "reason": TEXT,
    "by": TEXT_OR_NULL,
    "placed": MS,
    "until": MS_OR_NULL,
    "lifted": MS_OR_NULL,
    "holds": {"type": "boolean", "description": "Whether it is in force."},
}
_COUNTS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Decisions by method, granted, refused, language, rule and policy, and each value of these.",
    "additionalProperties": {"type": "object", "additionalProperties": NUMBER},
}
_SHOWN: Final[dict[str, Any]] = {
    "shown": {"type": ["integer", "null"], "description": "How often the banner was shown; null: not counted."},
    "no_answer": {"type": ["number", "null"], "description": "The share of it that no answer followed, from 0 to 1."},
}
_WEBHOOK: Final[dict[str, Any]] = {
    "webhook": UUID,
    "url": TEXT,
    "events": list_of(TEXT),
    "sites": {"type": ["array", "null"], "items": TEXT},
    "created": MS,
    "behind": {"type": "integer", "description": "Entries of the ledger that it was not told of yet."},
    "failures": {"type": "integer", "description": "Attempts since the last message that arrived."},
    "next": MS_OR_NULL,
    "said": TEXT,
    "paused": {**MS_OR_NULL, "description": "Since when it is told of nothing, until it goes on."},
}
_RETENTION: Final[dict[str, Any]] = {
    "site": TEXT,
    "name": TEXT,
    "days": {"type": "integer", "description": "How long decisions are kept; 0: for ever."},
    "said_by": {"enum": ["site", "policy", "settings"]},
    "before": {**MS_OR_NULL, "description": "Decisions from before are due; null where they are kept for ever."},
    "due": closed({"count": NUMBER, "is": {"enum": ["exact", "at least"]}}),
    "held": {"type": "integer", "description": "How many of these a legal hold keeps."},
    "last": {
        "type": ["object", "null"],
        "description": "The last run that forgot something: `time`, `rule`, `before`, `forgotten`.",
    },
}
_ALERT: Final[dict[str, Any]] = {
    "alert": UUID,
    "rule": {"enum": [rule.value for rule in Rule]},
    "site": TEXT_OR_NULL,
    "said": TEXT,
    "facts": {"type": "object", "description": "What was found: alerts.md says of each rule what."},
    "raised": MS,
    "seen": {"type": "integer", "description": "When it was last so, in milliseconds since 1970."},
    "ended": MS_OR_NULL,
    "acknowledged": MS_OR_NULL,
    "by": TEXT_OR_NULL,
}
_FORGOTTEN: Final[dict[str, Any]] = {
    "record": UUID,
    "forgotten": {"enum": [EntryKind.RECORD_ERASED.value, EntryKind.RECORD_RETAINED.value]},
    "site": TEXT,
    "at": MS,
    "entry": UUID,
}

_VERSION: Final[dict[str, Any]] = {
    "policy": {"type": "string", "description": "Its digest, 64 hex."},
    "number": NUMBER,
    "revision": NUMBER,
    "published_at": MS,
    "superseded_at": MS_OR_NULL,
    "reason": TEXT,
    "staff": TEXT_OR_NULL,
}
_FINDING: Final[dict[str, Any]] = {
    "rule": {"type": "string", "description": "A rule of rules.md, or FORM."},
    "severity": {"enum": ["error", "warning", "note"]},
    "path": {"type": "string", "description": "The member of the file."},
    "line": {"type": ["integer", "null"]},
    "column": {"type": ["integer", "null"]},
    "said": TEXT,
    "mend": TEXT,
    "source": TEXT,
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457; problems.md lists all codes.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": TEXT,
            "status": NUMBER,
            "detail": TEXT,
            "errors": list_of(closed({"member": TEXT, "message": TEXT})),
            "findings": list_of(named("Finding")),
        },
        "required": ["type", "title", "status", "detail"],
    },
    "Total": closed(
        {
            "count": NUMBER,
            "is": {
                "enum": ["exact", "estimate", "at least"],
                "description": "`estimate` is reckoned from the rollups, which also count what was forgotten since.",
            },
        }
    ),
    "Record": closed(_LINE),
    "Records": closed(
        {
            "records": list_of(named("Record")),
            "cursor": UUID_OR_NULL,
            "total": {"oneOf": [named("Total"), {"type": "null"}], "description": "With the first page only."},
        }
    ),
    "Entry": closed(
        {
            "entry": UUID,
            "kind": {"enum": [kind.value for kind in EntryKind]},
            "time": MS,
            "site": TEXT_OR_NULL,
            "staff": {"type": ["string", "null"], "description": "Who did it; null: a visitor, or the service itself."},
            "record": UUID_OR_NULL,
            "decision": {"oneOf": [named("Record"), {"type": "null"}]},
            "said": {"type": ["object", "null"], "description": "The members of the kind: entries.md lists them."},
        }
    ),
    "Entries": closed(
        {
            "entries": list_of(named("Entry")),
            "cursor": UUID_OR_NULL,
            "total": {"oneOf": [named("Total"), {"type": "null"}], "description": "With the first page only."},
        }
    ),
    "Check": closed({"name": TEXT, "holds": YES_NO, "said": TEXT}),
    "WholeRecord": {
        "type": "object",
        "description": "One record: what was asked, what was answered, and what holds.",
        "properties": {
            **_LINE,
            "what": ANYTHING,
            "who": ANYTHING,
            "asked": {"type": ["object", "null"]},
            "receipt": TEXT,
            "genuine": YES_NO,
            "checks": list_of(named("Check")),
            "entry": {"type": ["integer", "null"]},
            "checkpoint": TEXT_OR_NULL,
            "history": list_of(named("Record")),
        },
        "required": ["record", "what", "who", "genuine", "checks"],
    },
    "Forgotten": {
        "type": "object",
        "description": "What is left of a record that was forgotten.",
        "properties": {
            **_FORGOTTEN,
            "why": TEXT,
            "by": TEXT_OR_NULL,
            "genuine": YES_NO,
            "checks": list_of(named("Check")),
            "place": {"type": ["integer", "null"]},
        },
        "required": [*_FORGOTTEN, "why", "genuine"],
    },
    "Erasures": closed(
        {"erasures": list_of(closed(_FORGOTTEN)), "cursor": UUID_OR_NULL},
    ),
    "Receipt": closed({"v": {"const": 1}, "receipt": TEXT, "late": YES_NO, "record": UUID}, optional=("record",)),
    "Manifest": closed(
        {
            "export": UUID,
            "filters": ANYTHING,
            "format": TEXT,
            "rows": NUMBER,
            "digest": TEXT,
            "at": MS,
            "by": TEXT_OR_NULL,
            "checkpoint": TEXT_OR_NULL,
        }
    ),
    "Hold": closed(_HOLD),
    "Holds": closed({"holds": list_of(closed(_HOLD))}),
    "Retention": closed({"sites": list_of(closed(_RETENTION))}),
    "Statistics": closed(
        {
            "site": TEXT_OR_NULL,
            "from": TEXT,
            "to": TEXT,
            "zone": TEXT,
            "days": list_of(
                closed(
                    {"day": TEXT, "total": NUMBER, "by": _COUNTS, "acceptance": {"type": ["object", "null"]}, **_SHOWN}
                )
            ),
            "sum": closed({"total": NUMBER, "by": _COUNTS}),
            "acceptance": {"type": ["object", "null"], "description": "Shares of decisions, from 0 to 1."},
            **_SHOWN,
            "shown_by": {
                **_COUNTS,
                "description": "The same by language and, of one site, by the policy's number.",
            },
        }
    ),
    "Alert": closed(_ALERT),
    "Alerts": closed({"alerts": list_of(named("Alert")), "cursor": UUID_OR_NULL}),
    "Webhooks": closed({"webhooks": list_of(named("Webhook"))}),
    "NewWebhook": closed({**_WEBHOOK, "key": TEXT}),
    "Webhook": closed(_WEBHOOK),
    "WebhookTest": closed({"arrived": YES_NO, "said": TEXT}),
    "Removed": closed({"removed": UUID}),
    "Erased": closed({"erased": list_of(UUID)}),
    "Policies": closed({"policies": list_of(named("PolicyVersion"))}),
    "PolicyVersion": closed(_VERSION),
    "WholePolicy": closed({**_VERSION, "content": ANYTHING}),
    "Finding": closed(_FINDING),
    "Findings": closed(
        {"findings": list_of(named("Finding")), "count": closed(dict.fromkeys(("errors", "warnings", "notes"), NUMBER))}
    ),
    "Differences": closed(
        {
            "from": NUMBER,
            "changes": list_of(
                closed(
                    {
                        "path": list_of(TEXT),
                        "kind": {"enum": ["added", "removed", "changed"]},
                        "before": {},
                        "after": {},
                        "asks_again": list_of(TEXT),
                    }
                )
            ),
            "asks_again": list_of(TEXT),
        }
    ),
    "Published": closed(
        {"policy": TEXT, "number": NUMBER, "revision": NUMBER, "changed": YES_NO, "asks_again": list_of(TEXT)}
    ),
    "Rendering": closed({"rendering": TEXT, "rendered_at": NUMBER, "manifest": ANYTHING}),
    "Renderings": closed({"renderings": list_of(named("Rendering"))}),
    "Subject": {
        "type": "object",
        "description": "Everything that is held about one person.",
        "properties": {
            "consent_id": {"type": ["string", "null"]},
            "accounts": list_of(TEXT),
            "organisation": TEXT,
            "records": list_of(ANYTHING),
            "holds": list_of(named("Hold")),
        },
        "required": ["consent_id", "accounts", "organisation", "records", "holds"],
    },
}
