"""Who may read which rows of the marts.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A login of one's own (`create role bi_dak_mil login in role bi_reader`) sees the units listed for it; one
# that is not listed sees nothing, and neither sees more by SET ROLE, for its login stays what it is. Who is
# a member of `transform` can read everything anyway and sees what the role sees under which it acts.
# The function runs as its owner, so that no reader sees the list.
READER_SCOPE = """
create table registry.reader_scope (
    role_name text not null,
    unit_id text not null,
    primary key (role_name, unit_id)
);
comment on table registry.reader_scope is
    'The provinces, districts or communes whose rows a database role may read in the marts; * is everything';
insert into registry.reader_scope values ('bi_reader', '*'), ('publish', '*'), ('transform', '*');

create function registry.readable_units() returns text[] language sql stable security definer
set search_path = registry, pg_temp as $$
    select coalesce(array_agg(unit_id), '{}')
    from reader_scope
    where role_name = case
        when exists (select from reader_scope where role_name = session_user) then session_user::text
        when pg_has_role(session_user, 'transform', 'member') then current_setting('role')
    end
$$;
comment on function registry.readable_units() is 'The units whose rows the present role may read';
revoke all on function registry.readable_units() from public;
grant execute on function registry.readable_units() to bi_reader, publish, transform;
grant usage on schema registry to bi_reader;
"""


def upgrade() -> None:
    """Makes the list, the function that reads it and their grants."""
    op.execute(READER_SCOPE)
