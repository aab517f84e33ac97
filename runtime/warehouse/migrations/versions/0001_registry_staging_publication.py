"""Registry, staging and publication schemas, and the roles that may touch them.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = ("ingest", "transform", "publish", "bi_reader")

# A role is the cluster's, not the database's: another database of the same cluster may have made
# it already, perhaps at this very moment, hence the two exceptions. Whoever migrates becomes a
# member, so that one login can act under each role with SET ROLE; since Postgres 16 a role's maker
# is a member without that right until it is granted.
CREATE_ROLE = """
do $$
begin
    begin
        create role {role} nologin;
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(
        current_user,
        '{role}',
        case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end
    ) then
        grant {role} to current_user;
    end if;
end
$$
"""

SCHEMAS = """
create schema registry;
create schema staging;
create schema catalogue;
create schema warehouse;
create schema marts;
create schema publication;
"""

REGISTRY = """
create table registry.file (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null check (size_bytes >= 0),
    archive_path text not null,
    first_seen_at timestamptz not null default now()
);
comment on table registry.file is 'A file as it came, identified by the SHA-256 of its bytes';

create table registry.delivery (
    delivery_id bigint generated always as identity primary key,
    sha256 text not null references registry.file,
    source_path text not null,
    channel text not null check (channel in ('inbox', 'command_line')),
    delivered_at timestamptz not null default now()
);
create index on registry.delivery (source_path, delivery_id desc);
comment on table registry.delivery is 'Each arrival of a file at a path; only grows';

create table registry.submission (
    submission_id bigint generated always as identity primary key,
    sha256 text not null references registry.file,
    part text not null default '',
    form_code text not null,
    form_version text not null,
    reader_version text not null,
    source_kind text not null check (source_kind in ('form', 'list', 'report')),
    reporting_unit_id text not null,
    period text not null,
    status text not null check (status in ('preliminary', 'official')),
    is_nil boolean not null default false,
    state text not null check (state in ('read', 'accepted', 'quarantined', 'superseded', 'withdrawn')),
    accepted_at timestamptz,
    superseded_at timestamptz,
    created_at timestamptz not null default now(),
    unique nulls not distinct (
        sha256, part, form_code, reporting_unit_id, period, status, form_version, reader_version
    )
);
create unique index submission_one_accepted_per_scope on registry.submission
    (form_code, reporting_unit_id, period, status) where state = 'accepted';
comment on table registry.submission is
    'What one unit says for one form and period. Scope: form_code, reporting_unit_id, period, status; '
    'one accepted submission per scope counts, a later one supersedes it';

create table registry.submission_event (
    event_id bigint generated always as identity primary key,
    sha256 text not null references registry.file,
    submission_id bigint references registry.submission,
    event text not null check (event in (
        'received', 'read', 'accepted', 'quarantined', 'superseded', 'reinstated', 'withdrawn',
        'delivered_again', 'reread'
    )),
    reason text not null default '',
    at timestamptz not null default now()
);
create index on registry.submission_event (submission_id);
create index on registry.submission_event (sha256);
comment on table registry.submission_event is
    'The life of every file and submission; append-only, enforced by a trigger';

create function registry.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% only grows: % is refused', tg_table_schema, tg_table_name, tg_op;
end
$$;
create trigger submission_event_only_grows before update or delete or truncate on registry.submission_event
    for each statement execute function registry.refuse_change();
create trigger delivery_only_grows before update or delete or truncate on registry.delivery
    for each statement execute function registry.refuse_change();

create table registry.check_result (
    check_result_id bigint generated always as identity primary key,
    sha256 text references registry.file,
    source_path text,
    submission_id bigint references registry.submission,
    rule_id text not null,
    outcome text not null check (outcome in ('pass', 'fail')),
    severity text not null check (severity in ('error', 'warning', 'info')),
    ref text not null default '',
    refs text[] not null default '{}',
    lhs numeric,
    rhs numeric,
    difference numeric,
    message_vi text not null default '',
    message_en text not null default '',
    checked_at timestamptz not null default now(),
    -- A file that could not even be opened has no bytes to identify it by, only the path it came under.
    check (sha256 is not null or source_path is not null)
);
create index on registry.check_result (sha256);
create index on registry.check_result (submission_id);
comment on table registry.check_result is 'A rule applied to a file or submission, passes included';

create table registry.calendar (
    form_code text not null,
    reporting_unit_id text not null,
    period text not null,
    due_on date not null,
    primary key (form_code, reporting_unit_id, period)
);
comment on table registry.calendar is 'What is due from whom and when';

create table registry.build (
    build_id bigint generated always as identity primary key,
    last_event_id bigint not null,
    outcome text not null default 'running' check (outcome in ('running', 'success', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz
);
comment on table registry.build is
    'Each build of the warehouse and the last submission event it saw: what came later is still to be built';

create table registry.build_result (
    invocation_id text not null,
    node_id text not null,
    resource_type text not null,
    outcome text not null,
    seconds numeric not null,
    rows_affected bigint,
    message text not null default '',
    built_at timestamptz not null,
    primary key (invocation_id, node_id)
);
comment on table registry.build_result is 'The outcome of each model, seed and test of each dbt run';
"""

STAGING = """
create table staging.observation (
    observation_id bigint generated always as identity primary key,
    submission_id bigint not null references registry.submission,
    unit_id text not null,
    period text not null,
    as_of date,
    accumulation text not null check (accumulation in ('point', 'period', 'since_january')),
    status text not null check (status in ('preliminary', 'official')),
    indicator_code text not null,
    breakdown text not null default '',
    measure text not null check (measure in ('actual', 'target', 'plan', 'change', 'prior')),
    issuer text not null default '',
    value numeric not null,
    unit_of_measure text not null,
    qualifier text not null check (qualifier in ('exact', 'about', 'over', 'under', 'almost')),
    confidence real not null check (confidence between 0 and 1),
    ref text not null,
    refs text[] not null default '{}',
    raw text not null
);
create index on staging.observation (submission_id);
comment on table staging.observation is 'One value and its place in the file; rows of a submission never change';

create table staging.quantity (
    quantity_id bigint generated always as identity primary key,
    submission_id bigint not null references registry.submission,
    ref text not null,
    raw text not null,
    value numeric not null,
    unit_of_measure text not null,
    qualifier text not null,
    indicator_code text not null default '',
    confidence real not null
);
create index on staging.quantity (submission_id);
comment on table staging.quantity is 'Every number found in prose, recognised or not';
"""

CATALOGUE = """
create table catalogue.source (
    table_name text primary key,
    sha256 text not null,
    loaded_at timestamptz not null default now()
);
create table catalogue.admin_unit (
    unit_id text primary key,
    code text not null,
    level text not null,
    type text not null,
    name text not null,
    short_name text not null,
    name_en text not null,
    parent_code text,
    valid_from date,
    valid_to date
);
create table catalogue.admin_unit_change (
    effective_date date not null,
    level text not null,
    change_type text not null,
    old_code text,
    old_name text,
    old_parent_code text,
    old_province_code text,
    new_code text,
    new_name text,
    new_parent_code text,
    new_province_code text,
    coverage text,
    is_main_successor smallint,
    legal_basis text,
    basis text
);
comment on schema catalogue is 'The large tables of the catalogue, copied from catalogue/seeds when a file changed';
"""

PUBLICATION = """
create table publication.edition (
    edition_id bigint generated always as identity primary key,
    report_code text not null,
    unit_id text not null,
    period text not null,
    edition_number integer not null check (edition_number > 0),
    content_sha256 text not null,
    reason text not null default '',
    approved_by text not null,
    published_at timestamptz not null default now(),
    unique (report_code, unit_id, period, edition_number)
);
create table publication.edition_figure (
    edition_id bigint not null references publication.edition,
    row_number integer not null,
    figure jsonb not null,
    primary key (edition_id, row_number)
);
create table publication.edition_file (
    edition_id bigint not null references publication.edition,
    path text not null,
    sha256 text not null,
    primary key (edition_id, path)
);
create trigger edition_is_frozen before update or delete or truncate on publication.edition
    for each statement execute function registry.refuse_change();
create trigger edition_figure_is_frozen before update or delete or truncate on publication.edition_figure
    for each statement execute function registry.refuse_change();
comment on table publication.edition is 'A frozen publication; a correction makes a new edition, never a changed one';
"""

GRANTS = """
grant usage on schema registry to ingest, transform, publish;
grant select, insert on all tables in schema registry to ingest;
grant update (state, accepted_at, superseded_at) on registry.submission to ingest;
grant delete on registry.calendar to ingest;
grant select on all tables in schema registry to transform, publish;
grant insert on registry.build, registry.build_result to transform;
grant update (outcome, finished_at) on registry.build to transform;

grant usage on schema staging to ingest, transform, publish;
grant select, insert on staging.observation, staging.quantity to ingest;
grant select on staging.observation, staging.quantity to transform, publish;

grant usage on schema catalogue to ingest, transform, publish;
grant select, insert, delete, update on all tables in schema catalogue to ingest;
grant select on all tables in schema catalogue to transform, publish;

grant usage, create on schema warehouse, marts to transform;
grant usage on schema warehouse, marts to publish;
grant usage on schema marts to bi_reader;

grant usage on schema publication to publish, transform;
grant select, insert on all tables in schema publication to publish;
grant select on all tables in schema publication to transform;
"""


def upgrade() -> None:
    """Makes roles, schemas, tables and grants."""
    for role in ROLES:
        op.execute(CREATE_ROLE.format(role=role))
    for script in (SCHEMAS, REGISTRY, STAGING, CATALOGUE, PUBLICATION, GRANTS):
        op.execute(script)
    # dbt makes its own temporary and scratch objects.
    op.execute(
        "do $$ begin execute format('grant create, temporary on database %I to transform', current_database()); end $$"
    )
