"""What a login may read is a view, which a query's plan holds like any other table.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A function is set up anew by each query that asks a policy; of the shortest queries that was half the time. The
# answer is as before (0005): the units of the login; for a member of `transform`, who may read everything anyway,
# those of the role under which it acts as well; nothing for anybody else. As a barrier: what a reader asks is not
# put to the rows of others. Readers may not use the schema, so only the policies reach it.
# The function stays for the policies of tables that were built before; the next build puts the view in its place.
READABLE_UNIT = """
create view registry.readable_unit with (security_barrier) as
select unit_id
from registry.reader_scope
where
    role_name = session_user
    or (role_name = current_setting('role') and pg_has_role(session_user, 'transform', 'member'));
comment on view registry.readable_unit is 'The units whose rows the present role may read';
grant select on registry.readable_unit to bi_reader, publish, transform;
"""


def upgrade() -> None:
    """Makes the view."""
    op.execute(READABLE_UNIT)
