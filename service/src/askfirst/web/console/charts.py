"""Charts as numbers: where each bar and each line goes, for pages that draw them as SVG by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 100  # of a chart, in its own units; the width is one unit a day
_GAP: Final = 0.14  # of a day's width, at each side of its bar
_STEPS: Final = (2, 4, 6, 8)
_FINER: Final = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8)  # times ten, a hundred and so on
_MOST_LABELS: Final = 6


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a bar: what it counts, and where it stands (y from the top)."""

    name: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar, its parts on top of each other."""

    x: float
    width: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars: `top` is the number at the upper edge, twice the one in the middle."""

    top: int
    days: int
    bars: tuple[Bar, ...]


def stacked_bars(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Bars:
    """Return the bars of some days, each with a count for every name, the first name at the bottom."""
    top = rounded_up(max((sum(day) for day in counts), default=0))
    return Bars(top, len(counts), tuple(_bar(at, names, day, top) for at, day in enumerate(counts)))


def rounded_up(most: int) -> int:
    """Return the smallest round even number that is at least `most`, 2 or greater: half of it is whole."""
    for step in _STEPS:
        if step >= most:
            return step
    scale = 10
    while True:
        for finer in _FINER:
            if finer * scale >= most:
                return round(finer * scale)
        scale *= 10


def share_line(shares: Sequence[float | None]) -> str:
    """Return the path of a line through shares from 0 to 1, one a day; it has a gap where there is none.

    A day between two gaps is a line of no length, which round ends make a dot.
    """
    path: list[str] = []
    drawing = False
    for at, share in enumerate(shares):
        if share is None:
            drawing = False
            continue
        point = f"{at + 0.5:g} {HEIGHT * (1 - share):.2f}"
        path.append(f"L{point}" if drawing else f"M{point}h0")
        drawing = True
    return "".join(path)


def labelled(days: int) -> tuple[int, ...]:
    """Return which of so many days are named below a chart: a few at even distances, the first one among them."""
    every = max(1, -(-days // _MOST_LABELS))
    return tuple(range(0, days, every))


def _bar(at: int, names: Sequence[str], counts: Sequence[int], top: int) -> Bar:
    blocks, below = [], 0
    for name, count in zip(names, counts, strict=True):
        if count:
            height = HEIGHT * count / top
            below += count
            blocks.append(Block(name, round(HEIGHT - HEIGHT * below / top, 3), round(height, 3)))
    return Bar(round(at + _GAP, 3), 1 - 2 * _GAP, tuple(blocks))
