"""What storage or tracking is for: the things that a visitor can agree to or refuse."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, model_validator

from askfirst.core.languages import Language
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line, Paragraph
from askfirst_sdk.receipt import is_purpose

NECESSARY: Final = "necessary"

# How a purpose is handled where a rule applies: asked before, told with a way out, told only, exempt under conditions.
Mode = Literal["opt_in", "opt_out", "notice", "exempt"]


def _checked_purpose(text: str) -> str:
    if not is_purpose(text):
        raise ValueError("must be 1 to 32 characters of a-z0-9_, beginning with a letter")
    return text


PurposeId = Annotated[str, AfterValidator(_checked_purpose)]


class Purpose(StrictModel):
    """One purpose; `mode` is None for `necessary` and for no other, since that one is never asked."""

    id: PurposeId
    mode: Mode | None
    name: dict[Language, Line]
    description: dict[Language, Paragraph]

    @model_validator(mode="before")
    @classmethod
    def _default_mode(cls, members: object) -> object:
        # Whoever does not say how a purpose is handled gets the strictest: it is asked before.
        if isinstance(members, dict) and "mode" not in members and "id" in members:
            return {**members, "mode": None if members["id"] == NECESSARY else "opt_in"}
        return members

    @model_validator(mode="after")
    def _mode_fits(self) -> Self:
        if (self.mode is None) != (self.id == NECESSARY):
            raise ValueError("“necessary” has no mode, and every other purpose has one")
        return self
