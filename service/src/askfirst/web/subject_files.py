"""Everything that is held about one person, as the file that is handed to them, and what its entry says."""

import hashlib
import json

from starlette.responses import Response

from askfirst.usecases.subject_access import newest_record, subject_access
from askfirst.web.live import Live
from askfirst.web.staff_routes import Actor, Deed


def held(live: Live, actor: Actor, subject: str | None, account: str | None = None) -> dict[str, object]:
    """Return everything of a person that this actor may see. Raises NotFound where nothing is kept."""
    return subject_access(
        live.directory,
        live.ledger,
        live.records_now,
        live.forgetting,
        actor.log_id,
        subject,
        actor.sites,
        account=account,
        now=live.clock(),
    )


def subject_file(whole: dict[str, object], via: str) -> Deed:
    """Return it as a file. The entry stays for ever, so it names one of their records and never the person."""
    content = json.dumps(whole, ensure_ascii=False).encode()
    records = whole["records"]
    members = {
        "filters": {"subject_of": newest_record(whole)},
        "format": "json",
        "rows": len(records) if isinstance(records, list) else 0,
        "digest": hashlib.sha256(content).hexdigest(),
        "via": via,
    }
    named = f'attachment; filename="{whole["consent_id"] or "account"}.json"'
    return Deed(Response(content, media_type="application/json", headers={"Content-Disposition": named}), members)
