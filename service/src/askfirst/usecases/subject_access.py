"""Everything that is held about one person, in one document (GDPR Article 15)."""

from uuid import UUID

from askfirst.core.errors import NotFound
from askfirst.usecases.audit import show_record
from askfirst.usecases.directory import Directory
from askfirst.usecases.ports import Ledger, Records
from askfirst.usecases.rows import RecordQuery
from askfirst_sdk.subject import consent_id

_PAGE = 200


def subject_access(
    directory: Directory,
    ledger: Ledger,
    records: Records,
    log_id: int,
    subject: str,
    sites: tuple[str, ...] | None = None,
) -> dict[str, object]:
    """Return every decision of a subject whole, newest first, each with its content, receipt and checks.

    Raises NotFound where nothing is kept that the caller may see: for an id that never was, and for one whose decisions
    were all forgotten, in the same words, since nothing tells the two apart any more.
    """
    shown = []
    after: bytes | None = None
    while page := records.search(log_id, RecordQuery(subject=subject, sites=sites, after_id=after, limit=_PAGE)):
        for record_id, _ in page:
            whole = show_record(directory, ledger, records, log_id, str(UUID(bytes=record_id)), sites).as_dict()
            shown.append({name: value for name, value in whole.items() if name != "history"})
        after = page[-1][0]
    if not shown:
        raise NotFound("Nothing that you may see is kept under this consent id.")
    return {"consent_id": consent_id(subject), "organisation": directory.organisations[log_id].slug, "records": shown}
