"""What persons answered about the figures of written reports.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REVIEW = """
create table registry.review (
    review_id bigint generated always as identity primary key,
    sha256 text not null references registry.file,
    reviewed_by text not null check (reviewed_by <> ''),
    reviewed_at timestamptz not null default now(),
    book_name text not null,
    book_sha256 text not null
);
create index on registry.review (sha256);
comment on table registry.review is 'Answers handed in together about one report: by whom, when, in which workbook';

create table registry.review_answer (
    review_id bigint not null references registry.review,
    place text not null,
    verdict text not null check (verdict in ('confirmed', 'corrected', 'no_figure')),
    figure jsonb not null,
    proposal jsonb not null,
    words text not null,
    under text not null,
    unit text not null,
    note text not null default '',
    primary key (review_id, place)
);
comment on table registry.review_answer is
    'What a number of a report is, as a person says: the figure, what was proposed, and the wording around it. '
    'Of several answers about one place the latest review counts';

create trigger review_only_grows before update or delete or truncate on registry.review
    for each statement execute function registry.refuse_change();
create trigger review_answer_only_grows before update or delete or truncate on registry.review_answer
    for each statement execute function registry.refuse_change();

grant select, insert on registry.review, registry.review_answer to ingest;
grant select on registry.review, registry.review_answer to transform, publish;
"""


def upgrade() -> None:
    """Makes the two tables, which only grow, and their grants."""
    op.execute(REVIEW)
