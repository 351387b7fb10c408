"""The pseudonymous subject, and the consent id under which a visitor reads it out to a person."""

import re

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_TEXT = re.compile(f"[{_ALPHABET}]{{21}}")
_DATA_LENGTH = 20
_SHIFTS = range(90, -1, -10)
_MILLISECOND_BITS = 42
_RANDOM_BITS = 58
# Each element of GF(32) times the generator, by the polynomial x^5 + x^2 + 1.
_TIMES_G = tuple((value << 1) ^ (0b100101 if value & 16 else 0) for value in range(32))
# Two characters at a time, since every grant needs a subject: their text, and what they add to the check character.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_TIMES_G2 = tuple(_TIMES_G[value] for value in _TIMES_G)
_PAIR_SUMS = tuple(_TIMES_G[first] ^ _TIMES_G2[second] for first in range(32) for second in range(32))
# For each place of a pair, from the first: how far its bits are to be shifted, and its sums there.
_PLACES: list[tuple[int, tuple[int, ...]]] = []
for _shift in _SHIFTS:
    _PLACES.append((_shift, _PAIR_SUMS))
    _PAIR_SUMS = tuple(_TIMES_G2[total] for total in _PAIR_SUMS)
# What people type: hyphens and spaces anywhere, lower case, and letters that look like digits.
_AS_TYPED = str.maketrans({"-": None, " ": None, "I": "1", "L": "1", "O": "0"})
# Longer texts are no consent id with a few separators, and are not looked at.
_MAX_TYPED_LENGTH = 64


def make_subject(ms: int, random58: int) -> str:
    """Return the subject made at `ms` milliseconds since 1970 (below 2^42) with 58 random bits; raise ValueError if
    either is out of range."""
    if not (0 <= ms < 1 << _MILLISECOND_BITS and 0 <= random58 < 1 << _RANDOM_BITS):
        raise ValueError("a subject has 42 bits of time and 58 random bits")
    number = ms << _RANDOM_BITS | random58
    total, text = 0, ""
    for shift, sums in _PLACES:
        pair = number >> shift & 1023
        text += _PAIRS[pair]
        total ^= sums[pair]
    return text + _ALPHABET[total]


def is_subject(text: object) -> bool:
    """Say whether `text` is a subject: 21 characters of the alphabet, the last one fitting the others."""
    return (
        isinstance(text, str)
        and _TEXT.fullmatch(text) is not None
        and text[_DATA_LENGTH] == _check_character(text[:_DATA_LENGTH])
    )


def consent_id(subject: str) -> str:
    """Return the subject as shown to people, `01K9X7Q-M3D4F8H-TZB2NC5`; raise ValueError if it is none."""
    if not is_subject(subject):
        raise ValueError("not a subject")
    return grouped(subject)


def grouped(subject: str) -> str:
    """Return a subject that was found to be one as shown to people."""
    return f"{subject[:7]}-{subject[7:14]}-{subject[14:]}"


def parse_consent_id(text: object) -> str | None:
    """Return the subject of a consent id as somebody typed it, or None: lower case, missing hyphens, spaces, `I` and
    `L` for `1` and `O` for `0` are all understood."""
    if not isinstance(text, str) or len(text) > _MAX_TYPED_LENGTH or not text.isascii():
        return None
    subject = text.upper().translate(_AS_TYPED)
    return subject if is_subject(subject) else None


def _check_character(data: str) -> str:
    # Horner's rule for the sum of g^(i+1) * v[i] over GF(32).
    total = 0
    for character in reversed(data):
        total = _TIMES_G[total ^ _VALUE[character]]
    return _ALPHABET[total]
