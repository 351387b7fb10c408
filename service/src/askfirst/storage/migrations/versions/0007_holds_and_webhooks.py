"""legal holds; webhooks with their place in the ledger; how long a site keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hold_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.String(length=21), nullable=True),
        sa.Column("site_key", sa.String(length=32), nullable=True),
        sa.Column("first_record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("before_record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["organisation.log_id"], name=op.f("fk_hold_organisation")),
        sa.PrimaryKeyConstraint("log_id", "hold_id", name=op.f("pk_hold")),
    )
    op.create_table(
        "webhook",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("webhook_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["organisation.log_id"], name=op.f("fk_webhook_organisation")),
        sa.PrimaryKeyConstraint("log_id", "webhook_id", name=op.f("pk_webhook")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retention_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_column("retention_days")
    op.drop_table("webhook")
    op.drop_table("hold")
