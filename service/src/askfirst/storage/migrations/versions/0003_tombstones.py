"""tombstones of what was forgotten; decision ids are found by their record; fewer entries indexed by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NO_DECISION = sa.text("kind != 'decision:recorded'")


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("entry_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("site_key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "record_id", name=op.f("pk_tombstone")),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.create_index("ix_tombstone_entry", ["log_id", "entry_id"], unique=False)
    with op.batch_alter_table("decision_seen", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_seen_seen_at")
        batch_op.create_index("ix_decision_seen_record", ["log_id", "record_id"], unique=False)
    op.drop_index("ix_entry_kind", table_name="entry")
    op.create_index(
        "ix_entry_kind",
        "entry",
        ["log_id", "kind", "entry_id"],
        unique=False,
        sqlite_where=_NO_DECISION,
        postgresql_where=_NO_DECISION,
    )


def downgrade() -> None:
    op.drop_index("ix_entry_kind", table_name="entry")
    op.create_index("ix_entry_kind", "entry", ["log_id", "kind", "entry_id"], unique=False)
    with op.batch_alter_table("decision_seen", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_seen_record")
        batch_op.create_index("ix_decision_seen_seen_at", ["log_id", "seen_at"], unique=False)
    op.drop_table("tombstone")
