"""What the database holds, seen from beside the service: row counts, and rows altered by hand."""

from typing import Any

from sqlalchemy import Engine, Table, func, inspect, literal_column, select, table, update


def row_counts(engine: Engine) -> dict[str, int]:
    """Return how many rows every table holds."""
    names = inspect(engine).get_table_names()
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in sorted(names)
        }


def whole_content(engine: Engine) -> str:
    """Return all rows of all tables as one text."""
    with engine.connect() as connection:
        return "\n".join(
            repr(row)
            for name in sorted(inspect(engine).get_table_names())
            for row in connection.execute(select(literal_column("*")).select_from(table(name)))
        )


def more_rows(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Return by how many rows each table differs, those that do not left out."""
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


def alter(engine: Engine, altered: Table, where: Any, **values: Any) -> None:
    """Change exactly one row by hand."""
    with engine.begin() as connection:
        changed = connection.execute(update(altered).where(where).values(**values)).rowcount
    assert changed == 1, f"{changed} rows were altered, not one"
