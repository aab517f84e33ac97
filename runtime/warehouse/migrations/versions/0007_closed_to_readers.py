"""What readers need not have they do not have.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A policy finds its function by itself: reading the marts takes no right to look into the schema behind it.
CLOSED = """
revoke usage on schema registry from bi_reader;
revoke execute on function registry.refuse_change(), staging.require_submission() from public;
alter table registry.reader_scope
    add column granted_at timestamptz not null default now(),
    add column granted_by text not null default session_user;
"""


def upgrade() -> None:
    """Takes rights back, and has each permission say since when and by whom."""
    op.execute(CLOSED)
