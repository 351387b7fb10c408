"""the pseudonym of the account that a decision is tied to."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite too adds a column that may be null without copying the table.
    op.add_column("record", sa.Column("account", sa.String(length=43), nullable=True))
    op.create_index(
        "ix_record_account",
        "record",
        ["log_id", "account", "record_id"],
        unique=False,
        sqlite_where=sa.text("account IS NOT NULL"),
        postgresql_where=sa.text("account IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_record_account", table_name="record")
    op.drop_column("record", "account")
