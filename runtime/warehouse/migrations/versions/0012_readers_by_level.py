"""A login is asked only for units of the levels that it reads.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GROUPS = ("reader_of_everything", "reader_of_provinces", "reader_of_districts", "reader_of_communes")

# As in 0001: a role is the cluster's, and another database may make it at this very moment.
CREATE_ROLE = """
do $$
begin
    create role {role} nologin;
exception when duplicate_object or unique_violation then null;
end
$$
"""

# What was one policy that asked for every column in turn is one per level now, for the logins that read units of
# that level (macros/access/row_policies.sql): a query plans and asks no question that cannot be answered with yes. The
# groups only choose the question. The answer is always the list below, so that a session which has planned its
# query already loses at once what is taken from its login.
# The list itself shows each role its own lines, also to the planner's statistics; none but policies reach it, for
# readers may not use its schema. bi_reader, which every login may act as, has no lines: acting as it gains nothing.
# registry.readable_unit and registry.readable_units() stay for the policies of tables that were built before.
SCOPE = """
delete from registry.reader_scope where role_name in ('bi_reader', 'transform');
alter table registry.reader_scope enable row level security;
create policy own_lines on registry.reader_scope for select using (role_name = current_user);
grant select (role_name, unit_id) on registry.reader_scope to bi_reader, publish;
do $$
begin
    if not pg_has_role('publish', 'reader_of_everything', 'member') then
        grant reader_of_everything to publish;
    end if;
end
$$;
"""

# Of a login that was dropped by hand a line may be left.
LOGINS = """
do $$
declare
    reader record;
begin
    for reader in
        select distinct scope.role_name, case unit.level
            when 'province' then 'reader_of_provinces'
            when 'district' then 'reader_of_districts'
            when 'commune' then 'reader_of_communes'
            else 'reader_of_everything'
        end as group_name
        from registry.reader_scope as scope
        inner join pg_roles as role on scope.role_name = role.rolname
        left join catalogue.admin_unit as unit on scope.unit_id = unit.unit_id
        where unit.unit_id is not null or scope.unit_id = '*'
    loop
        execute format('grant %I to %I', reader.group_name, reader.role_name);
    end loop;
end
$$
"""


def upgrade() -> None:
    """Makes the groups, opens the list to whom it is about, and puts each login into the groups of its units."""
    for role in GROUPS:
        op.execute(CREATE_ROLE.format(role=role))
    op.execute(SCOPE)
    op.execute(LOGINS)
