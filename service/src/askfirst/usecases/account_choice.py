"""The choice that counts for an account: the newest that was made while somebody was signed in to it, on any device."""

from askfirst.usecases.directory import LiveSite
from askfirst.usecases.ports import Records
from askfirst.usecases.rows import Record, RecordQuery

# More late answers in a row than any person's devices had waiting.
_LOOKED_AT = 50


def account_choice(records: Records, site: LiveSite, account: str) -> Record | None:
    """Return the decision that counts for the account with this pseudonym on a site, or None where there is none.

    A refusal or withdrawal reaches as far as a consent (REQUIREMENTS ASK-14). An answer that arrived late takes nothing
    back that was refused meanwhile: where it grants something, every other answer goes before it.
    """
    query = RecordQuery(site=site.site.site_key, account=account, limit=_LOOKED_AT)
    found = [record for _, record in records.search(site.site.log_id, query)]
    return next((record for record in found if not (record.late and record.granted)), found[0] if found else None)
