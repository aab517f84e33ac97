{{
    config(
        meta={'slice': {'kind': 'submission'}},
        indexes=[{'columns': ['submission_id']}, {'columns': ['unit_id', 'year']}]
    )
}}
with revised as (
    select * from {{ ref('int_statements__revised') }}
    where {{ in_changed_submissions() }}
)

select
    revised.event_id,
    revised.observation_id,
    revised.submission_id,
    revised.new_submission_id,
    revised.form_code,
    revised.reporting_unit_id,
    revised.revised_at,
    revised.revision_kind,
    revised.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    units.district_unit_id,
    units.province_unit_id,
    revised.period,
    periods.period_name_vi,
    periods.period_name_en,
    periods.year,
    indicators.domain,
    revised.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    revised.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    revised.measure,
    revised.accumulation,
    indicators.unit_of_measure,
    revised.value_old,
    revised.value_new,
    revised.value_new - revised.value_old as difference,
    round(
        100 * (revised.value_new - revised.value_old) / nullif(abs(revised.value_old), 0), 2
    ) as difference_pct,
    revised.ref_old,
    revised.ref_new
from revised
inner join {{ ref('dim_period') }} as periods
    on revised.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'revised.unit_id', or_nearest=true) }}
inner join {{ ref('dim_indicator') }} as indicators
    on revised.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on revised.breakdown = breakdowns.breakdown
