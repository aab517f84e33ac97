-- Submissions that began or ceased to count since the last successful build. A build of everything needs none.
select distinct submission_id
from {{ ref('stg_registry__submission_event') }}
where
    event in ('accepted', 'reinstated', 'superseded', 'withdrawn')
    and not {{ flags.FULL_REFRESH or false }}
    and event_id > {{ last_built_event() }}
