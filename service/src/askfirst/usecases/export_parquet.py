"""Records as a Parquet file, for who works with columns. The library is an extra: pip install 'askfirst[parquet]'."""

import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from askfirst.core.errors import ConfigurationFault
from askfirst.usecases.export_rows import COLUMNS, SERVICE_COLUMNS, Asked, RawRow, read_row, whole_members

NEEDED = "needs a library that is not installed: pip install 'askfirst[parquet]'"


def is_installed() -> bool:
    """Say whether the library is there."""
    return find_spec("pyarrow") is not None


class ParquetLines:
    """One row group for each call of `body`; what was written is given out at once, and never kept."""

    def __init__(self, asked: Asked, service: str | None) -> None:
        """Take what is known of policies, and the service that the export is for. Raises ConfigurationFault."""
        try:
            import pyarrow  # noqa: PLC0415 - an extra that nobody needs for the other formats
            import pyarrow.parquet  # noqa: PLC0415
        except ModuleNotFoundError:
            raise ConfigurationFault([("parquet", NEEDED)]) from None
        self._asked, self._service, self._arrow = asked, service, pyarrow
        self._columns = COLUMNS if service is None else SERVICE_COLUMNS
        kinds: dict[str, Any] = {
            "server_time": pyarrow.timestamp("ms", tz="UTC"),
            "granted": pyarrow.list_(pyarrow.string()),
            "refused": pyarrow.list_(pyarrow.string()),
            "policy_number": pyarrow.int32(),
            "late": pyarrow.bool_(),
            "allowed": pyarrow.bool_(),
        }
        self._schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in self._columns])
        self._sink = _Sink()
        self._writer = pyarrow.parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def head(self) -> bytes:
        """Return the file's mark."""
        return self._sink.taken()

    def body(self, rows: Sequence[RawRow]) -> bytes:
        """Return a row group."""
        members = [whole_members(row, self._asked, self._service) for row in map(read_row, rows)]
        columns = {name: [one[name] for one in members] for name in self._columns}
        if members:
            self._writer.write_table(self._arrow.table(columns, schema=self._schema))
        return self._sink.taken()

    def tail(self) -> bytes:
        """Return what tells a reader where the row groups are."""
        self._writer.close()
        return self._sink.taken()


class _Sink(io.RawIOBase):
    """A file that hands out what was written into it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        """Return what was written since this was asked last."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
