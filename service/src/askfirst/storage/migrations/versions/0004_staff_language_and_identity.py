"""the language that a member of staff is spoken to in, and who they are to an identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=35), nullable=True))
        batch_op.add_column(sa.Column("identity", sa.String(length=512), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_staff_identity"), ["identity"])


def downgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_staff_identity"), type_="unique")
        batch_op.drop_column("identity")
        batch_op.drop_column("language")
