"""The words of a banner in one language, kept in the policy so that what a visitor read can be shown years later."""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from askfirst.core.strict_model import StrictModel
from askfirst_sdk.plurals import Category

# Markup could become script on somebody's page; controls and bidirectional overrides could make a text read as
# something else than it says.
_FORBIDDEN: Final = re.compile(r"[<>\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


def checked_line(text: str) -> str:
    """Return a text if it is one line of plain words; ValueError names what is not allowed in it."""
    found = _FORBIDDEN.search(text)
    if found:
        raise ValueError(f"may not contain the character U+{ord(found[0]):04X}: texts are one line, without markup")
    if text != text.strip():
        raise ValueError("may not begin or end with white space")
    return text


def placeholders(text: str) -> list[str]:
    """Return what is in braces in a text, with the braces, sorted: `["{controller}", "{purposes}"]`."""
    return sorted(_PLACEHOLDER.findall(text))


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(checked_line)]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=1200), AfterValidator(checked_line)]


def _checked_amount(forms: dict[Category, str]) -> dict[Category, str]:
    if "{n}" not in forms.get("other", ""):
        raise ValueError("must have the form “other”, and {n} in it")
    if any(set(placeholders(form)) - {"{n}"} for form in forms.values()):
        raise ValueError("may contain the placeholder {n} only")
    return forms


# How a number of units is said, `{n}` being the number, for each CLDR plural category that the language has.
Amount = Annotated[dict[Category, Line], AfterValidator(_checked_amount)]


class Durations(StrictModel):
    """How long something is kept, in words."""

    session: Line
    persistent: Line
    second: Amount
    minute: Amount
    hour: Amount
    day: Amount
    week: Amount
    month: Amount
    year: Amount


class AccountWords(StrictModel):
    """What is said where choices are tied to accounts: `told` on the first layer, before the choice, and `notice` in a
    browser in which the choice of another one begins to count (REQUIREMENTS ASK-14)."""

    told: Paragraph
    notice: Paragraph

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        for name, text in self:
            if placeholders(text):
                raise ValueError(f"{name} has the wrong placeholders: wanted are none")
        return self


class Texts(StrictModel):
    """Every word of both layers in one language.

    `about` is the line of the first layer that names who asks and what for (REQUIREMENTS ASK-13); it holds the
    placeholders `{controller}` and `{purposes}`. No other text has a placeholder.
    """

    text: Paragraph
    about: Paragraph
    accept: Line
    reject: Line
    settings: Line
    title: Line
    intro: Paragraph
    save: Line
    accept_all: Line
    reject_all: Line
    close: Line
    always_on: Line
    on: Line
    off: Line
    services: Line
    cookies: Line
    cookie_name: Line
    cookie_duration: Line
    cookie_purpose: Line
    no_cookies: Line
    provider: Line
    controller: Line
    contact: Line
    privacy_policy: Line
    consent_id: Line
    copy_: Annotated[Line, Field(alias="copy")]  # a model has a method `copy`
    copied: Line
    last_answer: Line
    withdraw: Line
    how_to_withdraw: Paragraph
    saved: Line
    queued: Paragraph
    reopen: Line
    banner_name: Line
    not_answered: Line
    durations: Durations

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        for name, text in self:
            if isinstance(text, str):
                expected = ["{controller}", "{purposes}"] if name == "about" else []
                if placeholders(text) != expected:
                    wanted = "{controller} and {purposes}, each once" if expected else "none"
                    raise ValueError(f"{name} has the wrong placeholders: wanted are {wanted}")
        return self


def filled_about(
    texts: Texts, *, controller: str, purposes: Sequence[str], accounts: AccountWords | None = None
) -> str:
    """Return the line that names the controller and the optional purposes, and how far an answer reaches where it is
    tied to the visitor's account."""
    facts = {"{controller}": controller, "{purposes}": ", ".join(purposes)}
    about = _PLACEHOLDER.sub(lambda found: facts[found[0]], texts.about)
    return about if accounts is None else f"{about} {accounts.told}"
