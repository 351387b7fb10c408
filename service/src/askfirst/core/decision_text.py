"""What differs between the decisions of many visitors, told apart from what they have in common."""

import re
from typing import NamedTuple

# The members in the order in which the snippet writes them. Everything else is read in full (core.decision).
_HEAD = re.compile(rb'\{"v":1,"id":"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",(?="policy":")')
_AT = b',"at":'
_TAIL = re.compile(
    rb',"at":(?P<at>0|[1-9][0-9]{0,14}),'
    rb'(?P<rest>"gpc":(?:true|false),"rule":"[a-z0-9_.-]{1,64}")'
    rb'(?:,"receipt":"(?P<receipt>[A-Za-z0-9_.-]{1,4000})")?\}'
)


class DecisionText(NamedTuple):
    """A decision's text in parts: what is only this visitor's, and as `shared` what others send to the letter."""

    shared: tuple[bytes, bytes]
    id: str
    at: int
    receipt: str | None


def split_decision(body: bytes) -> DecisionText | None:
    """Return the parts of a decision written as the snippet writes it, None for any other text.

    It says nothing about the shared part, which may hold anything. But if one body is a decision, then so is every
    other one with the same shared part, and it says the same in all members but these three: in a text without escapes
    `,"at":` and `,"receipt":` begin a member, and no member but these can have such a value.
    """
    head, ends = _HEAD.match(body), body.rfind(_AT)  # nothing in the tail reads like its own beginning
    tail = _TAIL.fullmatch(body, ends) if ends > 0 else None
    if head is None or tail is None:
        return None
    asked = body[head.end() : ends]
    if b"\\" in asked:
        return None
    at, rest, receipt = tail.groups()
    return DecisionText((asked, rest), head[1].decode(), int(at), None if receipt is None else receipt.decode())
