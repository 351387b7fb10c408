"""Reading JSON without a second meaning: what two readers could understand differently is refused."""

import json
from typing import NoReturn

from askfirst.core.errors import MalformedBody


def strict_json(data: bytes) -> object:
    """Return the value of a JSON text in UTF-8.

    Raises MalformedBody for other encodings, a byte order mark, repeated members, NaN and Infinity, half characters,
    numbers too long to read, and nesting that exhausts the reader.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody("it is not UTF-8") from error
    try:
        value: object = _decoder.decode(text)
        if "\\u" in text:
            # An escape can name half of a surrogate pair, which no UTF-8 can hold (RFC 7493, 2.1).
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise MalformedBody("it is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise MalformedBody("it holds half a character") from error
    except ValueError as error:  # JSONDecodeError, and a number with thousands of digits
        raise MalformedBody("it is not JSON") from error
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedBody("a member is repeated")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise MalformedBody("it is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
