"""records are found by the origin of their page, other entries by kind, site, staff member and record."""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NO_DECISION = sa.text("kind != 'decision:recorded'")
_COLUMNS = {"site": "site_key", "staff": "staff", "record": "record_id"}
_PAGE = 1000


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(length=255), server_default="", nullable=False))
    said = (
        "json_extract(CAST(e.what AS TEXT), '$.origin')" if sqlite else "convert_from(e.what, 'UTF8')::json->>'origin'"
    )
    op.execute(
        "UPDATE record SET origin = COALESCE("  # noqa: S608 - no text of others
        f"(SELECT {said} FROM entry e WHERE e.log_id = record.log_id AND e.entry_id = record.record_id), '')"
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.alter_column("origin", server_default=None)
    op.create_table(
        "deed",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("site_key", sa.String(length=32), nullable=True),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("log_id", "entry_id", name=op.f("pk_deed")),
    )
    _fill(connection)
    op.create_index("ix_deed_kind", "deed", ["log_id", "kind", "entry_id"], unique=False)
    for short, column in _COLUMNS.items():
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_deed_{short}",
            "deed",
            ["log_id", column, "entry_id"],
            unique=False,
            sqlite_where=given,
            postgresql_where=given,
        )
    op.drop_index("ix_entry_kind", table_name="entry")
    columns = ["log_id", "dimension", "hour", "site_key", "value", "count"]
    op.create_index("ix_rollup_dimension", "rollup", columns, unique=False)


def _fill(connection: sa.Connection) -> None:
    """Read what was written so far. The form of an entry's parts is frozen (formats.md, 5.1), so this stays true."""
    entry = sa.table("entry", *(sa.column(name) for name in ("log_id", "entry_id", "kind", "what", "who")))
    deed = sa.table(
        "deed", *(sa.column(name) for name in ("log_id", "entry_id", "kind", "site_key", "staff", "record_id"))
    )
    key = sa.tuple_(entry.c.log_id, entry.c.entry_id)
    after: tuple[int, bytes] = (-1, b"")
    while True:
        page = connection.execute(
            sa.select(entry)
            .where(entry.c.kind != "decision:recorded", key > sa.tuple_(*map(sa.literal, after)))
            .order_by(entry.c.log_id, entry.c.entry_id)
            .limit(_PAGE)
        ).all()
        if not page:
            return
        connection.execute(
            deed.insert(),
            [
                {
                    "log_id": row.log_id,
                    "entry_id": row.entry_id,
                    "kind": row.kind,
                    "site_key": _text(row.what, "site"),
                    "staff": _text(row.who, "staff"),
                    "record_id": _uuid(_text(row.what, "record")),
                }
                for row in page
            ],
        )
        after = (page[-1].log_id, page[-1].entry_id)


def _text(part: bytes | None, name: str) -> str | None:
    try:
        found = json.loads(part or b"{}").get(name)
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


def _uuid(text: str | None) -> bytes | None:
    try:
        return UUID(text).bytes if text else None
    except ValueError:
        return None


def downgrade() -> None:
    op.drop_index("ix_rollup_dimension", table_name="rollup")
    op.create_index(
        "ix_entry_kind",
        "entry",
        ["log_id", "kind", "entry_id"],
        unique=False,
        sqlite_where=_NO_DECISION,
        postgresql_where=_NO_DECISION,
    )
    op.drop_table("deed")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_column("origin")
