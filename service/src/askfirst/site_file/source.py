"""What the texts of site files have in common, whether they are JSON or YAML: a value, with the place of each part."""

from dataclasses import dataclass
from typing import Final

from askfirst.core.places import Place, Places

# Ten times what sixty services in thirty languages have.
MOST_VALUES: Final = 100_000
TOO_MANY: Final = f"it has more than {MOST_VALUES:,} values"
TOO_MANY_MEND: Final = "Take out what no visitor reads."


@dataclass(frozen=True, slots=True)
class Source:
    """The plain value of a text (dict, list, str, int, float, bool, None), and where its parts stand."""

    value: object
    places: Places


class UnreadableSourceError(ValueError):
    """The text has no plain meaning; `place` says where, None where the whole is meant, and `mend` what to do."""

    def __init__(self, said: str, place: Place | None, mend: str) -> None:
        self.said, self.place, self.mend = said, place, mend
        super().__init__(said)
