"""The forms in the catalogue: which statement goes first is ranked by what the forms say of themselves.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FORM = """
create table catalogue.form (
    form_code text primary key,
    rank integer not null,
    source_kind text not null check (source_kind in ('form', 'list', 'report')),
    domain text not null,
    name_vi text not null,
    name_en text not null
);
comment on table catalogue.form is 'The heads of the definitions in ingest/forms, copied when one changed';
grant select, insert, delete on catalogue.form to ingest;
grant select on catalogue.form to transform, publish;
"""


def upgrade() -> None:
    """Makes the table and its grants."""
    op.execute(FORM)
