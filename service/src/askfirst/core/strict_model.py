"""One strictness for everything that is read from outside: exact types, no unknown members, never changed."""

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A frozen model that takes `"1"` for no number, and refuses a member that it does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", serialize_by_alias=True)
