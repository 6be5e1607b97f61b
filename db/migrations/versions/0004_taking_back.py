"""decisions that a person took back"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("at", db.models.base.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.id"], name=op.f("fk_revocation_obligation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
        sa.UniqueConstraint("fact", "fact_id", name=op.f("uq_revocation_fact_fact_id")),
    )
    with op.batch_alter_table("revocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revocation_obligation_id"), ["obligation_id"], unique=False)


def downgrade() -> None:
    """What was taken back would silently hold again: refused while there is any such decision."""
    taken_back = op.get_bind().scalar(sa.text("SELECT count(*) FROM revocation"))
    if taken_back:
        raise ValueError(
            f"{taken_back} quyết định đã rút lại sẽ có hiệu lực trở lại: không hạ phiên bản cơ sở dữ liệu này"
        )
    with op.batch_alter_table("revocation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revocation_obligation_id"))
    op.drop_table("revocation")
