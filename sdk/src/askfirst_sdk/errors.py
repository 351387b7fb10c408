"""Every error of the SDK, so that a caller can see at a glance what there is to catch.

    SdkError
    ├── KeyFormatError (ValueError)            a key string, key name, JWK or key ring that is not well-formed
    ├── ReceiptFormatError (ValueError)        bytes or values that are no receipt of this format
    ├── DescriptorFormatError (ValueError)     bytes or values that are no descriptor of this format
    ├── ConfigurationError (ValueError)        the application set the SDK up in a way that can not work
    ├── ReceiptRefused                         internal: one copy is not believed; carries the reason
    ├── ServiceRefused                         the service was asked to record or confirm, and said no
    ├── ServiceUnreachable (OSError)           it did not answer in time; the same call may be made again
    ├── CannotSign (TypeError)                 a verifier was asked to sign
    └── TokenError (itsdangerous.BadSignature) a token that must not be believed
        ├── TokenTooLong                       over the size limit, not looked at
        ├── TokenMalformed                     not two canonical base64url fields
        ├── UnknownKey                         signed with a key that the ring does not hold
        └── BadSignature                       the signature does not fit

Reading consent raises none of them: it turns each into a reason. Recording a decision raises the two of the service.
"""

# ruff: noqa: N818  # a class is named for what happened, as in itsdangerous

from collections.abc import Mapping
from typing import Any

import itsdangerous

from .reason import Reason

__all__ = [
    "BadSignature",
    "CannotSign",
    "ConfigurationError",
    "DescriptorFormatError",
    "KeyFormatError",
    "ReceiptFormatError",
    "ReceiptRefused",
    "SdkError",
    "ServiceRefused",
    "ServiceUnreachable",
    "TokenError",
    "TokenMalformed",
    "TokenTooLong",
    "UnknownKey",
]


class SdkError(Exception):
    """Root of the tree."""


class KeyFormatError(SdkError, ValueError):
    """A key string, key name, JWK or ring of keys is not well-formed (formats.md, 1.2)."""


class ReceiptFormatError(SdkError, ValueError):
    """Bytes or values are no receipt (formats.md, 3)."""


class DescriptorFormatError(SdkError, ValueError):
    """Bytes or values are no descriptor."""


class ConfigurationError(SdkError, ValueError):
    """The application set the SDK up in a way that can not work; the message names the remedy."""


class ReceiptRefused(SdkError):
    """One copy of a receipt is not believed. It never leaves the SDK: the reader turns it into the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


class ServiceRefused(SdkError):
    """The service took the question and said no: `problem` is its problem document (RFC 9457), `status` the HTTP
    one."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"the service refused: {problem.get('detail') or problem.get('title') or status}")
        self.status = status
        self.problem = problem


class ServiceUnreachable(SdkError, OSError):
    """The service did not answer in time, or is not ready. What was to be recorded may or may not be: the same call
    with the same decision id and time is recorded once."""


class CannotSign(SdkError, TypeError):
    """A verifier holds public keys only and was asked to sign."""

    def __init__(self) -> None:
        super().__init__("a verifier holds public keys only and can not sign")


class TokenError(SdkError, itsdangerous.BadSignature):
    """A token must not be believed. Code written for itsdangerous catches it as its own `BadSignature`."""


class TokenTooLong(TokenError):
    """The token has more bytes than any token may have; nothing of it was looked at."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"token of {length} bytes, over the limit of {limit}")
        self.length = length
        self.limit = limit


class TokenMalformed(TokenError):
    """The token is not two canonical base64url fields of the right form joined by a dot."""


class UnknownKey(TokenError):
    """No key of the ring has the token's key id, so nothing was verified."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"no key with id {key_id.hex()} in the ring")
        self.key_id = key_id


class BadSignature(TokenError):
    """The key is known and the signature does not fit the salt, the key id and the payload."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"the signature by key {key_id.hex()} does not fit")
        self.key_id = key_id
