"""What a login may read is looked up by a function whose plans a session keeps.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A policy asks in every query: as an SQL function, which is planned anew at each call, this took longer than a
# lookup by key itself. What it answers is as before (0005): by the login; by the acting role for a member of
# `transform`; nothing for anybody else.
READABLE_UNITS = """
create or replace function registry.readable_units() returns text[] language plpgsql stable security definer
set search_path = registry, pg_temp as $$
declare
    units text[];
begin
    select array_agg(unit_id) into units from reader_scope where role_name = session_user;
    if units is null and pg_has_role(session_user, 'transform', 'member') then
        select array_agg(unit_id) into units from reader_scope where role_name = current_setting('role');
    end if;
    return coalesce(units, '{}');
end
$$
"""


def upgrade() -> None:
    """Replaces the function."""
    op.execute(READABLE_UNITS)
