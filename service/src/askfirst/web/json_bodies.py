"""Small JSON bodies of the API: an object of texts, with all that is wrong named at once."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request

from askfirst.core.errors import BodyTooLarge, InvalidQuery, UnsupportedContentType
from askfirst.core.strict_json import strict_json

MAX_BYTES: Final = 8192


async def read_members(request: Request, what: str) -> dict[str, object]:
    """Return the members of a request's body.

    Raises UnsupportedContentType, BodyTooLarge, MalformedBody, or InvalidQuery where it is no object.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType(f"{what} is sent as application/json.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(MAX_BYTES)
    members = strict_json(body)
    if not isinstance(members, dict):
        raise InvalidQuery([("body", "must be an object")])
    return members


def require_texts(
    members: Mapping[str, object], *, needed: Sequence[str], may: Sequence[str] | None = None
) -> dict[str, str]:
    """Return the members, which are all texts. Raises InvalidQuery naming what is missing, unknown or no text."""
    known = (*needed, *(may or ()))
    faults = [(name[:64], "is no member here") for name in members if name not in known]
    faults += [(name, "is missing") for name in needed if name not in members]
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    faults += [(name, "must be a text") for name in members if name in known and name not in texts]
    if faults:
        raise InvalidQuery(faults)
    return texts
