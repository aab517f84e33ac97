-- What became of each form, unit and period: the submission that counts, else the last one; when the first file came
-- and when the first one was accepted. A view: it changes whenever a file arrives, not only with a build.
{{ config(materialized='view', tags=['static']) }}
with submissions as (
    select * from {{ ref('stg_registry__submission') }}
),

deliveries as (
    select
        sha256,
        min(delivered_at) as delivered_at
    from {{ ref('stg_registry__delivery') }}
    group by sha256
),

scopes as (
    select
        submissions.form_code,
        submissions.reporting_unit_id,
        submissions.period,
        min(deliveries.delivered_at) as received_at,
        min(submissions.accepted_at) as accepted_at,
        count(*)::integer as submissions
    from submissions
    inner join deliveries
        on submissions.sha256 = deliveries.sha256
    group by submissions.form_code, submissions.reporting_unit_id, submissions.period
),

latest as (
    select distinct on (form_code, reporting_unit_id, period)
        form_code,
        reporting_unit_id,
        period,
        submission_id,
        state
    from submissions
    order by form_code, reporting_unit_id, period, (state = 'accepted') desc, submission_id desc
)

select
    latest.form_code,
    latest.reporting_unit_id,
    latest.period,
    latest.submission_id,
    latest.state,
    scopes.submissions,
    (scopes.received_at at time zone '{{ var("office_timezone") }}')::date as received_on,
    (scopes.accepted_at at time zone '{{ var("office_timezone") }}')::date as accepted_on,
    latest.state = 'accepted' as is_accepted
from latest
inner join scopes
    on
        latest.form_code = scopes.form_code
        and latest.reporting_unit_id = scopes.reporting_unit_id
        and latest.period = scopes.period
