"""the account that a hold keeps, where no record names its person otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite too adds a column that may be null without copying the table.
    op.add_column("hold", sa.Column("account", sa.String(length=43), nullable=True))


def downgrade() -> None:
    op.drop_column("hold", "account")
