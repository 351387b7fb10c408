"""how far daily exports are."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_export",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_day", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["organisation.log_id"], name=op.f("fk_daily_export_organisation")),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_daily_export")),
    )


def downgrade() -> None:
    op.drop_table("daily_export")
