"""Lines of payment lists: a row per person paid, under pseudonyms.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAYMENT_LINE = """
create table staging.payment_line (
    submission_id bigint not null,
    line_number integer not null,
    ref text not null,
    unit_id text not null,
    period text not null,
    key_id text not null,
    person_hash bytea not null check (length(person_hash) = 32),
    identity_hash bytea check (length(identity_hash) = 32),
    account_hash bytea check (length(account_hash) = 32),
    birth_year smallint,
    sex text check (sex in ('male', 'female')),
    category_code text,
    coefficient numeric,
    months numeric,
    arrears_vnd bigint,
    amount_vnd bigint,
    payment_method text,
    primary key (submission_id, line_number)
);
comment on table staging.payment_line is
    'One person paid, as a list states it. Hashes are HMAC-SHA-256 under the key named by key_id: of name and year of '
    'birth (person), of the identity number and of the account; they compare only under one key_id';

-- A foreign key looks up its parent for every line, a third of the time that a list takes to load; one look
-- per statement says the same.
create function staging.require_submission() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct submission_id from added) as loaded
        left join registry.submission using (submission_id)
        where submission.submission_id is null
    ) then
        raise foreign_key_violation using message = 'staging.payment_line: there is no such submission';
    end if;
    return null;
end
$$;
create trigger payment_line_has_submission after insert on staging.payment_line
    referencing new table as added for each statement execute function staging.require_submission();

-- Personal data although pseudonymous: nobody but these two, and only what they need.
grant select, insert on staging.payment_line to ingest;
grant select on staging.payment_line to transform;
"""


def upgrade() -> None:
    """Makes the table and its grants."""
    op.execute(PAYMENT_LINE)
