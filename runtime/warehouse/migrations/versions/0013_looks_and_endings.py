"""What was seen in an inbox is remembered, and that a file ended its reader is an event.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What has not changed since is not opened again: a look costs by the number of names, not by their bytes.
LOOKS = """
create table if not exists registry.inbox_look (
    inbox text not null,
    source_path text not null,
    signature text not null,
    outcome text not null check (outcome in ('taken', 'refused', 'arriving')),
    sha256 text references registry.file,
    seen_at timestamptz not null default now(),
    primary key (inbox, source_path),
    check ((outcome = 'taken') = (sha256 is not null))
);
create index if not exists inbox_look_sha256_idx on registry.inbox_look (sha256);
comment on table registry.inbox_look is
    'What lay at each path of an inbox when it was last looked through: its size, time and tag as the store tells '
    'them, since when it is like that, and what was done. A cache: forgotten, everything is opened once more';
grant select, insert, update, delete on registry.inbox_look to ingest;
grant select on registry.inbox_look to transform;
"""

ENDINGS = """
alter table registry.submission_event drop constraint submission_event_event_check;
alter table registry.submission_event add constraint submission_event_event_check check (event in (
    'received', 'read', 'accepted', 'quarantined', 'superseded', 'reinstated', 'withdrawn',
    'delivered_again', 'reread', 'reader_ended'
)) not valid;
alter table registry.submission_event validate constraint submission_event_event_check;
"""


def upgrade() -> None:
    """Makes the table of looks; lets the event log say that a reader ended."""
    op.execute(LOOKS)
    op.execute(ENDINGS)
