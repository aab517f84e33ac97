-- Submissions to which anything happened since the last successful build, rejections included.
select distinct submission_id
from {{ ref('stg_registry__submission_event') }}
where
    submission_id is not null
    and not {{ flags.FULL_REFRESH or false }}
    and event_id > {{ last_built_event() }}
