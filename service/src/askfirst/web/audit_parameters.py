"""The parameters of searches, as the OpenAPI document tells them."""

from typing import Any, Final

from askfirst.core.kinds import EntryKind
from askfirst.usecases.record_filters import MAX_LIMIT, METHODS
from askfirst.web.api_schemas import SITE_KEY, UUID
from askfirst.web.operations import Parameter

TIME: Final[dict[str, Any]] = {
    "type": "string",
    "format": "date-or-time",
    "description": "ISO 8601, like 2026-11-23 or 2026-11-23T18:30:00Z; UTC where no zone is given.",
}
PURPOSE: Final[dict[str, Any]] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,31}$"}
CONSENT_ID: Final[dict[str, Any]] = {
    "type": "string",
    "format": "consent-id",
    "description": "21 letters and digits, the last of which checks the others.",
}
RECORD: Final = Parameter("record", UUID, "A record id.")
CURSOR: Final = Parameter("cursor", UUID, "The cursor of the page before.")
LIMIT: Final = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, "How many; 50 without it.")
FILTERS: Final = (
    Parameter("consent_id", CONSENT_ID, "The visitor's consent id; hyphens, spaces and case do not matter."),
    RECORD,
    Parameter("site", SITE_KEY, "A site's key."),
    Parameter("from", TIME, "From this date or time on."),
    Parameter("to", TIME, "Before this date or time."),
    Parameter("method", {"enum": list(METHODS)}, "How it was answered."),
    Parameter("granted", PURPOSE, "A purpose that was granted."),
    Parameter("refused", PURPOSE, "A purpose that was refused."),
    Parameter("policy", {"type": "integer", "minimum": 1, "maximum": 1_000_000}, "A policy's number."),
    Parameter(
        "language", {"type": "string", "pattern": "^[A-Za-z0-9-]{1,35}$"}, "The language that was shown, like en."
    ),
    Parameter(
        "origin", {"type": "string", "pattern": "^https?://[!-~]{1,240}$"}, "Origin of the page that was answered on."
    ),
    Parameter("rule", {"type": "string", "pattern": "^[a-z0-9_.-]{1,64}$"}, "Id of the region rule that was followed."),
)
RECORD_FILTERS: Final = (*FILTERS, CURSOR, LIMIT)
ENTRY_FILTERS: Final = (
    Parameter("kind", {"enum": [kind.value for kind in EntryKind]}, "A kind of entry."),
    Parameter(
        "staff",
        {"type": "string", "pattern": r"^[^\x00-\x1f\x7f]{1,255}$"},
        "Who did it, as entries name them: a member's id, or token:NAME.",
    ),
    *RECORD_FILTERS,
)
