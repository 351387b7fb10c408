"""What the law says in a place, as data with dates and sources, before any site uses it (REQUIREMENTS RG-5)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from askfirst.core.regions import Date, RegionRule, RuleId
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line, Paragraph

# A law that holds; one that is passed and begins later; one that is not passed; a scheme that nobody has to follow.
State = Literal["in_force", "future", "proposed", "voluntary"]


class RegionPreset(StrictModel):
    """A preset that site files name by its id; using one copies its rules into the policy.

    Its rules say modes for the common purposes; a policy takes those of the purposes that it has. `includes` names
    presets whose rules it stands for. What is proposed or voluntary has no rules, so that nothing pending can be
    active. `checked` is the day on which the sources were last compared.
    """

    id: RuleId
    name: Line
    state: State
    includes: tuple[RuleId, ...] = ()
    rules: Annotated[tuple[RegionRule, ...], Field(max_length=10)]
    source: Line
    note: Paragraph | None = None
    checked: Date

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        usable = self.state in ("in_force", "future")
        if usable != bool(self.rules or self.includes):
            raise ValueError("a law has rules, and what is proposed or voluntary has none")
        for rule in self.rules:
            if (self.state == "future") != (rule.since > self.checked):
                raise ValueError("a law in force began before it was checked, and a future one begins later")
            if rule.until is not None and rule.until <= self.checked:
                raise ValueError("a rule that has ended is no preset any more")
        return self
