"""What a bench gives back: a table of rows under a heading."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, beside what, and whether the goal is reached (None: there is a goal and no answer, or no goal)."""

    work: str
    measured: str
    beside: str = ""
    goal: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        unknown = "**not decided**" if self.goal else ""
        mark = unknown if self.reached is None else "yes" if self.reached else "**no**"
        return f"| {self.work} | {self.measured} | {self.beside} | {self.goal} | {mark} |"


@dataclass(frozen=True)
class Section:
    """One bench: its heading, how it was measured in a sentence or two, and its rows."""

    title: str
    how: str
    rows: list[Row]

    def __str__(self) -> str:
        head = ["| work | measured | beside it, in the same run | goal | reached |", "|---|---|---|---|---|"]
        return "\n".join([f"## {self.title}", "", self.how, "", *head, *map(str, self.rows), ""])
