"""Readers' logins end a transaction that they leave open.

Revision ID: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As runtime/warehouse/bi_logins.py gives it to each login that it makes.
LOGINS = """
do $$
declare
    reader record;
begin
    for reader in
        select role.rolname
        from pg_roles as role
        where role.rolcanlogin and not role.rolsuper and pg_has_role(role.oid, 'bi_reader', 'member')
            and not pg_has_role(role.oid, 'transform', 'member')
    loop
        execute format('alter role %I set idle_in_transaction_session_timeout = %L', reader.rolname, '1min');
    end loop;
end
$$
"""


def upgrade() -> None:
    """Limits the logins that are there."""
    op.execute(LOGINS)
