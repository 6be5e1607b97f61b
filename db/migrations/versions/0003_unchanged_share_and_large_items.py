"""a reading keeps what recognises an unchanged share; an item says that only its beginning was taken"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reading", sa.Column("validator", sa.String(), nullable=False, server_default=""))
    op.add_column("inbound", sa.Column("flag", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("inbound", "flag")
    op.drop_column("reading", "validator")
