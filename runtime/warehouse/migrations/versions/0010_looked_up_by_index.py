"""What loading looks up is found by an index, and figures are held to their submission once a statement.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Every loaded submission asks which others answer its scope and when their bytes were delivered; without these
# both questions read whole tables, and loading would slow down with what is there.
INDEXES = """
create index on registry.delivery (sha256, delivery_id);
create index on registry.submission (form_code, reporting_unit_id, period, status);
"""

# As for the lines of payment lists (0003): a foreign key looks up the parent of every row, a third of the time
# that a form's figures take to load.
ONE_LOOK = """
create or replace function staging.require_submission() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct submission_id from added) as loaded
        left join registry.submission using (submission_id)
        where submission.submission_id is null
    ) then
        raise foreign_key_violation
            using message = format('%I.%I: there is no such submission', tg_table_schema, tg_table_name);
    end if;
    return null;
end
$$;
alter table staging.observation drop constraint observation_submission_id_fkey;
create trigger observation_has_submission after insert on staging.observation
    referencing new table as added for each statement execute function staging.require_submission();
"""


def upgrade() -> None:
    """Makes the indexes; puts a trigger in the foreign key's place."""
    op.execute(INDEXES)
    op.execute(ONE_LOOK)
