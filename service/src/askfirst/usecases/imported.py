"""What an imported answer is known by, and the row that searches find it by."""

from collections.abc import Mapping
from typing import Final

from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Record

METHOD: Final = "import"
RULE: Final = "import."  # before the tool's name, so that searches, exports and statistics tell what came from where
_UNKNOWN: Final = "und"  # BCP 47: a language that is not known


def imported_record(what: Mapping[str, object], subject: str | None) -> Record:
    """Return the row of an imported answer, from the `what` part of its entry; raise TypeError or KeyError for another.

    Its time is the one at which it was given, as the tool says.
    """
    purposes, given, site, source = what["purposes"], what["given"], what["site"], what["source"]
    if not (isinstance(purposes, Mapping) and isinstance(given, int) and isinstance(site, str)):
        raise TypeError("not the part of an imported answer")
    return Record(
        site_key=site,
        subject=subject,
        server_time=given,
        method=METHOD,
        policy_number=0,
        language=str(what["language"] or _UNKNOWN),
        origin=str(what["origin"] or ""),
        granted=joined(purpose for purpose, answer in purposes.items() if answer),
        refused=joined(purpose for purpose, answer in purposes.items() if not answer),
        rule=f"{RULE}{source}",
        late=False,
        receipt="",
    )
