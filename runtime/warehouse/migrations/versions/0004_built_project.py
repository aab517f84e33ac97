"""What a warehouse was built from: a build refreshes everything when the models or the catalogue changed.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BUILT_PROJECT = """
create table registry.built_project (
    schema_suffix text primary key,
    fingerprint text not null,
    built_at timestamptz not null default now()
);
comment on table registry.built_project is
    'The fingerprint of project, variables and catalogue from which the schemas of that suffix were last built in full';
grant select, insert, update on registry.built_project to transform;
"""


def upgrade() -> None:
    """Makes the table and its grants."""
    op.execute(BUILT_PROJECT)
