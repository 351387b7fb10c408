"""What a form of the console sent: bounded, and only from a page of the console itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from askfirst.core.errors import BodyTooLarge, Forbidden, InvalidQuery, MalformedBody, UnsupportedContentType
from askfirst.usecases.holds import MOST_REASON
from askfirst.usecases.names import is_words

MAX_BYTES: Final = 16_384
_MAX_FIELDS: Final = 400
_MOST_FIELDS: Final = 4000  # of a form that may be longer
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class Form:
    """The fields of a form, in the order they came."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        """Take (name, value) pairs."""
        self._fields = tuple(fields)

    def one(self, name: str) -> str:
        """Return the first value of a field; empty where it did not come."""
        return next((value for key, value in self._fields if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for key, value in self._fields if key == name)

    def given(self, *names: str) -> Mapping[str, str]:
        """Return these fields, to show them again."""
        return {name: self.one(name) for name in names}


async def read_form(request: Request) -> Form:
    """Return the form in a request's body; it is read once and kept with the request.

    Raises UnsupportedContentType, BodyTooLarge, or MalformedBody for what is not UTF-8 or has too many fields.
    """
    allowed: int | None = getattr(request.state, "largest_form", None)
    longest, fields = (MAX_BYTES, _MAX_FIELDS) if allowed is None else (allowed, _MOST_FIELDS)
    if isinstance(kept := getattr(request.state, "form", None), Form):
        return kept
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > longest:
            raise BodyTooLarge(longest)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != _MEDIA_TYPE:
        raise UnsupportedContentType(f"A form is sent as {_MEDIA_TYPE}.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=fields)
    except ValueError:
        raise MalformedBody("it is not a form in UTF-8, or has too many fields") from None
    form = Form([(name, value.replace("\x00", "")) for name, value in pairs])
    request.state.form = form
    return form


def require_own_page(request: Request) -> None:
    """Raise Forbidden unless a page of this very host sent the request.

    Browsers say so themselves in Sec-Fetch-Site; those that do not know it name the page's origin in Origin.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise Forbidden("This form was sent by another website's page.")
        return
    origin = request.headers.get("origin", "")
    if not origin or urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("This form was not sent by a page of the console.")


def faults_by_field(errors: Iterable[tuple[str, str]], fields: Collection[str]) -> dict[str, str]:
    """Return the first fault of each field, where it is shown; what has no field is shown above the form, as `other`.

    `errors` are (name, what is said about it), as InvalidQuery has them.
    """
    faults: dict[str, str] = {}
    for name, said in errors:
        if name in fields:
            faults.setdefault(name, said)
        else:
            faults["other"] = f"{name} {said}"
    return faults


def read_reason(form: Form) -> str:
    """Return why somebody does something; InvalidQuery for no reason."""
    reason = form.one("reason").strip()
    if not is_words(reason, MOST_REASON):
        raise InvalidQuery([("reason", f"must have 1 to {MOST_REASON} printable characters")])
    return reason
