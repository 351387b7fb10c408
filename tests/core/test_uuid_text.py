"""The short way between a UUID's bytes and its text is the standard library's."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.uuid_text import uuid_bytes, uuid_text


@given(st.binary(min_size=16, max_size=16))
def test_text_and_bytes_are_those_of_the_standard_library(raw: bytes) -> None:
    """For every UUID, both ways."""
    assert str(UUID(bytes=raw)) == uuid_text(raw)
    assert raw == uuid_bytes(uuid_text(raw))
