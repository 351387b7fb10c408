"""Passwords as Argon2id hashes (RFC 9106), with the second recommended set of parameters (64 MiB)."""

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Passwords:
    """The `Passwords` of usecases.ports."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take a hasher with other parameters, or none for the recommended ones."""
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """What is compared where nothing is kept, so that an unknown name takes as long as a wrong password."""
        return self._hasher.hash("nobody has this password")

    def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def holds(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one; takes as long where nothing is kept, and is then False."""
        try:
            same = self._hasher.verify(kept or self._nobodys, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return same and kept is not None

    def is_old(self, kept: str) -> bool:
        """Tell whether a password should be hashed again, since the parameters rose."""
        return self._hasher.check_needs_rehash(kept)
