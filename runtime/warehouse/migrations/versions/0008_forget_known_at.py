"""What was built as known at an instant can be dropped again.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets builds forget schemas that are gone."""
    op.execute("grant delete on registry.built_project to transform")
