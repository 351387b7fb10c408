"""A published policy as the SDK needs it: what is asked, and the words of the banner."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import DescriptorFormatError
from .regions import DEFAULT_RULE

__all__ = ["MAX_POLICY_LENGTH", "PolicyDocument", "direction", "nearest"]

MAX_POLICY_LENGTH = 2 * 1024 * 1024

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa"})
_PLACEHOLDER = re.compile(r"\{(?:controller|purposes)\}")
_FORMAT = "askfirst/policy/"


def direction(language: str) -> str:
    """Return `rtl` for a language that is written from right to left, else `ltr`."""
    first, *rest = language.split("-")
    script = next((part for part in rest if len(part) == len("Arab") and part.isalpha()), None)
    if script is not None:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if first in _RIGHT_TO_LEFT else "ltr"


def nearest(languages: Sequence[str], wanted: str | None) -> str:
    """Return which of these languages (at least one) is nearest to the wanted one: itself, one of the same first part,
    or the first of all."""
    if wanted:
        for language in languages:
            if language.lower() == wanted.lower():
                return language
        first = wanted.split("-")[0].lower()
        for language in languages:
            if language.split("-")[0].lower() == first:
                return language
    return languages[0]


class PolicyDocument:
    """One published policy (formats.md, 7). Its bytes are those that `digest` is of, so what they say was published."""

    def __init__(self, content: bytes, digest: str) -> None:
        """Read a policy; raise DescriptorFormatError unless `content` is the policy that has this digest (64 hex)."""
        if hashlib.sha256(content).hexdigest() != digest:
            raise DescriptorFormatError("the policy is not the one that the descriptor names")
        try:
            members: Any = json.loads(content)
            if not str(members["format"]).startswith(_FORMAT):
                raise ValueError(members["format"])
            self.languages: tuple[str, ...] = tuple(members["languages"])
            self.optional: tuple[str, ...] = tuple(one["id"] for one in members["purposes"] if one["mode"] is not None)
            self.gpc: tuple[str, ...] = tuple(members["gpc"])
            self.theme: Mapping[str, str] = dict(members["theme"])
            self.lifetime: int = int(members["lifetime_days"]) * 86_400  # seconds
            self.rules: frozenset[str] = frozenset({DEFAULT_RULE, *(one["id"] for one in members["regions"]["rules"])})
            # By language, where choices may be tied to accounts.
            self.accounts: Mapping[str, Mapping[str, str]] = dict(members.get("accounts", {}))
            self.members: Mapping[str, Any] = members
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DescriptorFormatError(f"the policy is not of a form that is known here: {error!r}") from None
        self.digest = digest

    def language(self, wanted: str | None) -> str:
        """Return the policy's language that is nearest to the wanted one: itself, one of the same first part, or the
        policy's first."""
        return nearest(self.languages, wanted)

    def texts(self, language: str) -> Mapping[str, Any]:
        """Return the words in one of the policy's languages."""
        texts: Mapping[str, Any] = self.members["texts"][language]
        return texts

    def about(self, language: str) -> str:
        """Return the line that names who asks and what for, and how far an answer reaches."""
        asked = [one["name"][language] for one in self.members["purposes"] if one["mode"] is not None]
        facts = {"{controller}": self.members["controller"]["name"], "{purposes}": ", ".join(asked)}
        about = _PLACEHOLDER.sub(lambda found: str(facts[found[0]]), str(self.texts(language)["about"]))
        return f"{about} {self.accounts[language]['told']}" if self.accounts else about
