"""Read a file of consents line by line, CSV or NDJSON, of any length in little memory."""

import csv
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from askfirst.core.errors import ConfigurationFault, MalformedBody
from askfirst.core.strict_json import strict_json
from askfirst.usecases.import_values import BadRow, Row

_MOST_LINE: Final = 65_536
_PREFIX: Final = "The body can not be read: "
_DELIMITERS: Final = ",;\t|"


class Line(NamedTuple):
    """One row of the file: the number of its line, its members or why it can not be read, and how far it is."""

    number: int
    row: Row
    fault: str | None
    at: int


def is_csv(path: Path) -> bool:
    """Tell whether a file is a table; what begins with a brace is NDJSON. Raises ConfigurationFault for neither."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise ConfigurationFault([(str(path), f"can not be read: {error.strerror}")]) from None
    if not head.strip():
        raise ConfigurationFault([(str(path), "is empty")])
    return not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_lines(path: Path) -> Iterator[Line]:
    """Yield every row. What can not be read is a row with a fault; a table without a head is a ConfigurationFault."""
    yield from (_table if is_csv(path) else _objects)(path)


def _objects(path: Path) -> Iterator[Line]:
    at = 0
    with path.open("rb") as file:
        number = 0
        while data := file.readline(_MOST_LINE + 1):
            number, at = number + 1, at + len(data)
            if len(data) > _MOST_LINE:
                while data and not data.endswith(b"\n"):
                    data = file.readline(_MOST_LINE)
                    at += len(data)
                yield Line(number, {}, f"is longer than {_MOST_LINE:,} bytes", at)
                continue
            text = data.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            try:
                value = strict_json(text)
            except MalformedBody as error:
                yield Line(number, {}, "can not be read: " + str(error).removeprefix(_PREFIX), at)
                continue
            fault = None if isinstance(value, dict) else "is no JSON object"
            yield Line(number, value if isinstance(value, dict) else {}, fault, at)


def _table(path: Path) -> Iterator[Line]:
    at = 0

    def lines(read: Callable[[int], bytes]) -> Iterator[str]:
        nonlocal at
        while data := read(_MOST_LINE + 1):
            at += len(data)
            if len(data) > _MOST_LINE:
                raise BadRow(f"is longer than {_MOST_LINE:,} bytes; whatever follows was not read")
            yield data.decode("utf-8-sig" if at == len(data) else "utf-8")

    with path.open("rb") as file:
        head = file.readline(_MOST_LINE).decode("utf-8-sig", "replace")
        file.seek(0)
        found = max(_DELIMITERS, key=head.count)
        table: Any = csv.reader(lines(file.readline), delimiter=found, strict=True)
        names: list[str] | None = None
        number = 0
        try:
            for cells in table:
                number = table.line_num
                if not cells:
                    continue
                if names is None:
                    names = [one.strip() for one in cells]
                    if len(set(names)) != len(names):
                        raise ConfigurationFault([(str(path), "has two columns of one name in its first line")])
                    continue
                wrong = f"has {len(cells)} cells, and the first line names {len(names)} columns"
                fault = wrong if len(cells) != len(names) else None
                yield Line(number, dict(zip(names, cells, strict=False)), fault, at)
        except (csv.Error, UnicodeDecodeError, BadRow) as error:
            said = (
                "is not UTF-8; whatever follows was not read" if isinstance(error, UnicodeDecodeError) else str(error)
            )
            yield Line(number + 1, {}, said, at)
