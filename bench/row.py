"""One line of the results."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, beside what, and whether the goal is reached (None: no goal)."""

    work: str
    measured: str
    beside: str
    goal: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        mark = "" if self.reached is None else "yes" if self.reached else "no"
        return f"| {self.work} | {self.measured} | {self.beside} | {self.goal} | {mark} |"
