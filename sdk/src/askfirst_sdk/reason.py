"""Why a purpose is allowed or not: a closed list, each with the sentence that goes into a log."""

from enum import StrEnum


class Reason(StrEnum):
    """One reason; `sentence` says it in words. None of them says anything about a person."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Reason":
        """Make the member whose text is `code`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    GRANTED = "granted", "The visitor consented."
    REFUSED = "refused", "The visitor refused."
    SIGNAL = "signal", "The browser sends Global Privacy Control and no answer was given with it on."
    COPIES_DISAGREE = "copies_disagree", "The browser sent several valid receipts, and not all of them grant this."
    NOT_ASKED = "not_asked", "The visitor answered a policy that did not ask for this purpose."
    PURPOSE_UNKNOWN = "purpose_unknown", "The site has no such purpose."

    NO_RECEIPT = "no_receipt", "The visitor has not answered: there is no receipt."
    TOO_MANY_COPIES = "too_many_copies", "The browser sent more than eight different receipts."
    UNREADABLE = "unreadable", "The receipt is not of the form that receipts have."
    UNKNOWN_KEY = "unknown_key", "The receipt is signed with a key that this site does not use."
    REVOKED_KEY = "revoked_key", "The receipt is signed with a key that was revoked."
    BAD_SIGNATURE = "bad_signature", "The receipt was altered: its signature does not fit."
    OTHER_SITE = "other_site", "The receipt was given for another site."
    EXPIRED = "expired", "The receipt has expired: the visitor is to be asked again."
    FROM_FUTURE = "from_future", "The receipt is dated more than 300 seconds after this server's clock."
    OLDER_REVISION = "older_revision", "The policy changed since this answer: the visitor is to be asked again."
    NEWER_REVISION = "newer_revision", "The answer is to a newer policy than this server has loaded so far."

    WITHDRAWN = "withdrawn", "The service says that the visitor has withdrawn this since, perhaps in another browser."
    ERASED = "erased", "The service says that the record of this answer was erased."
    UNCONFIRMED = "unconfirmed", "The service could not be asked in time whether this answer still stands."

    KEYS_NOT_LOADED = "keys_not_loaded", "The site's keys have not been loaded, or are too old to be believed."
    CLOCK_UNUSABLE = "clock_unusable", "The time that was passed in is not a number."
    TOO_LATE = "too_late", "Consent was first read after the response had begun, which a shared cache could keep."

    NECESSARY = "necessary", "Strictly necessary purposes need no consent."
    EXEMPT = "exempt", "The law exempts this purpose from consent here, and the visitor has not objected."
    NOTICE = "notice", "The law asks for a notice only here, and the visitor has not objected."
    OPT_OUT = "opt_out", "The law lets this happen here until the visitor objects, and there is no objection."
