"""What searches need of an entry that is no decision, read from its two parts."""

from uuid import UUID

from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.rows import Deed


def deed_of(kind: str, what: bytes | None, who: bytes | None) -> Deed:
    """Return the projection of an entry's parts: the site and the record that it names, and who did it."""
    said = read_part(what)
    site, staff = said.get("site"), read_part(who).get("staff")
    return Deed(
        kind=kind,
        site_key=site if isinstance(site, str) else None,
        staff=staff if isinstance(staff, str) else None,
        record_id=_record_id(said.get("record")),
    )


def _record_id(name: object) -> bytes | None:
    try:
        return UUID(name).bytes if isinstance(name, str) else None
    except ValueError:
        return None  # somebody looked for what is no record id
