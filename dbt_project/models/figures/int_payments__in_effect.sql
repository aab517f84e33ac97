-- The lines of payment lists that are in effect, with the unit they are about. Money was paid for each: a line without
-- an amount states nothing that could be doubled or measured. Ephemeral: pseudonyms are in no relation but staging's.
{{ config(materialized='ephemeral') }}
select
    lines.*,
    submissions.form_code,
    periods.year,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    units.district_unit_id,
    units.province_unit_id,
    units.province_code
from {{ ref('stg_submissions__payment_line') }} as lines
inner join {{ ref('int_submissions__known') }} as submissions
    on lines.submission_id = submissions.submission_id
inner join {{ ref('int_periods__described') }} as periods
    on submissions.period = periods.period
inner join {{ ref('int_units__versions') }} as units
    on {{ unit_on('periods.last_day', 'lines.unit_id') }}
where
    submissions.source_kind = 'list'
    and submissions.is_in_effect
    and lines.amount_vnd > 0
