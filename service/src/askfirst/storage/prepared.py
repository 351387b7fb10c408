"""Statements whose text is made once: for a look-up by a key, making it takes several times as long as running it."""

from typing import Any

from sqlalchemy import Engine, Row, Select


class Prepared:
    """One SELECT on one database. Its bound parameters have names."""

    def __init__(self, engine: Engine, statement: Select[Any]) -> None:
        """Take the statement; it is compiled here, and nothing is opened yet."""
        compiled = statement.compile(engine)
        self._engine, self._text = engine, str(compiled)
        # The order of the parameters where the driver takes them by position, as SQLite's does.
        self._order = compiled.positiontup
        self._given = compiled.params

    def rows(self, **given: object) -> list[Row[Any]]:
        """Run it and return its rows, whose columns have the names of the statement's. Values are the driver's own."""
        named = {**self._given, **given}
        values = named if self._order is None else tuple(named[name] for name in self._order)
        with self._engine.connect() as connection:
            return list(connection.exec_driver_sql(self._text, values).fetchall())
