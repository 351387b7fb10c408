"""Parts and receipts from ready texts are those that are written member by member, to the byte."""

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.decision_form import WhatForm, who_part
from askfirst.core.receipt_form import GrantForm
from askfirst.core.record import decision_what, decision_who
from askfirst_sdk.receipt import grant_receipt, receipt_payload
from core.examples import RECORD, SUBJECT, what

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_TIME = st.integers(0, 2**53 - 1)
# Purposes and texts that read like the members around them.
_PURPOSE = st.sampled_from(["late", "record", "client_time", "exp", "iat", "leaf", "rec", "sub", "a", "z_9"])
_PURPOSES = st.dictionaries(_PURPOSE, st.booleans(), min_size=1)
_TRICKY = _TEXT | st.sampled_from(['"late":false,', '"record":"', "%d%b%%", '"client_time":1,', '{"server_time":2,'])


@given(
    _PURPOSES, _TRICKY, st.none() | _TRICKY, st.none() | st.just("b" * 64), _TIME, _TIME, st.booleans(), st.booleans()
)
def test_a_what_part_is_the_one_written_out(purposes, origin, page, build, client_time, server_time, gpc, late):
    """For every value that a decision can have, and the same as another implementation of RFC 8785 writes."""
    shared = what(purposes=purposes, origin=origin, page=page, build=build, gpc=gpc)
    for name in ("record", "client_time", "server_time", "late"):
        del shared[name]
    own = {"record": RECORD, "client_time": client_time, "server_time": server_time, "late": late}
    part = WhatForm(**shared).part(**own)

    assert decision_what(**shared, **own) == part
    assert rfc8785.dumps(json.loads(part)) == part


@given(st.none() | st.just(SUBJECT))
def test_a_who_part_is_the_one_written_out(subject):
    """With a subject and without."""
    assert decision_who(record=RECORD, subject=subject) == who_part(record=RECORD, subject=subject)


@given(_PURPOSES, st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16), _TIME, st.booleans())
def test_a_grant_is_the_one_written_out(purposes, leaf, policy16, given_at, gpc):
    """For every purpose name, leaf and time."""
    shared = {
        "site": "demo0001",
        "policy16": policy16,
        "revision": 3,
        "purposes": {**purposes, "granted": True},
        "method": "custom",
        "gpc": gpc,
        "rule": "default",
    }
    own = {"subject": SUBJECT, "record": RECORD, "leaf": leaf, "given_at": given_at, "expires_at": given_at + 1}
    if own["expires_at"] > 2**53 - 1:
        return

    assert receipt_payload(grant_receipt(**shared, **own)) == GrantForm(**shared).payload(**own)
