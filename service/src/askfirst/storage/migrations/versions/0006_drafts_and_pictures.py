"""drafts of policies; pictures of what visitors saw."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_draft",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_key", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["log_id", "site_key"], ["site.log_id", "site.site_key"], name=op.f("fk_policy_draft_site")
        ),
        sa.PrimaryKeyConstraint("log_id", "site_key", name=op.f("pk_policy_draft")),
    )
    op.create_table(
        "rendering",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site_key", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.LargeBinary(length=32), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["log_id", "site_key"], ["site.log_id", "site.site_key"], name=op.f("fk_rendering_site")
        ),
        sa.PrimaryKeyConstraint("log_id", "digest", name=op.f("pk_rendering")),
    )
    with op.batch_alter_table("rendering", schema=None) as batch_op:
        batch_op.create_index("ix_rendering_policy", ["log_id", "site_key", "policy"], unique=False)
    op.create_table(
        "picture",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["organisation.log_id"], name=op.f("fk_picture_organisation")),
        sa.PrimaryKeyConstraint("log_id", "digest", name=op.f("pk_picture")),
    )


def downgrade() -> None:
    op.drop_table("picture")
    with op.batch_alter_table("rendering", schema=None) as batch_op:
        batch_op.drop_index("ix_rendering_policy")
    op.drop_table("rendering")
    op.drop_table("policy_draft")
