-- What is due of each form, unit and period, and what became of it.
{{
    config(
        meta={'slice': {'kind': 'registry_province', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}, {'columns': ['unit_id', 'year']}]
    )
}}
{%- set is_asked -%}
    {#- Periods of the changed years, as values: asked of the joined rows, all that was ever due would be joined. -#}
    {% if is_incremental() -%}
        period = any(
            array(
                select described.period
                from {{ ref('int_periods__described') }} as described
                inner join {{ ref('int_slices__changed') }} as slices
                    on described.year = slices.year
                where slices.slice_kind = 'registry_province'
            )
        )
    {%- else -%}
        true
    {%- endif %}
{%- endset -%}
with calendar as (
    select * from {{ ref('int_calendar__due') }}
    where {{ is_asked }}
),

scopes as (
    select * from {{ ref('int_scopes__latest') }}
    where {{ is_asked }}
),

submissions as (
    select * from {{ ref('stg_registry__submission') }}
),

units as (
    select * from {{ ref('int_units__versions') }}
),

periods as (
    select * from {{ ref('int_periods__described') }}
),

-- Since when a form is in use in a province: the first period for which one of its units sent it.
used as (
    select
        units.province_code,
        submissions.form_code,
        min(periods.last_day) as first_day
    from submissions
    inner join units
        on submissions.reporting_unit_id = units.unit_id
    inner join periods
        on submissions.period = periods.period
    group by units.province_code, submissions.form_code
),

dues as (
    select
        coalesce(calendar.form_code, scopes.form_code) as form_code,
        coalesce(calendar.reporting_unit_id, scopes.reporting_unit_id) as unit_id,
        coalesce(calendar.period, scopes.period) as period,
        calendar.due_on,
        scopes.submission_id,
        scopes.state,
        scopes.submissions,
        scopes.received_on,
        scopes.accepted_on,
        coalesce(scopes.is_accepted, false) as is_accepted
    from calendar
    full outer join scopes
        on
            calendar.form_code = scopes.form_code
            and calendar.reporting_unit_id = scopes.reporting_unit_id
            and calendar.period = scopes.period
)

select
    dues.form_code,
    dues.unit_id,
    dues.period,
    periods.year,
    units.district_unit_id,
    units.province_unit_id,
    dues.due_on,
    dues.due_on is not null as is_expected,
    coalesce(used.first_day <= periods.last_day, false) as is_form_in_use,
    dues.submission_id,
    dues.state,
    coalesce(dues.submissions, 0) as submissions,
    dues.received_on,
    dues.accepted_on,
    dues.is_accepted
from dues
inner join periods
    on dues.period = periods.period
inner join units
    on {{ unit_on('periods.last_day', 'dues.unit_id', or_nearest=true) }}
left join used
    on
        units.province_code = used.province_code
        and dues.form_code = used.form_code
where {{ in_changed_slices('units.province_unit_id', 'periods.year') }}
