-- depends_on: {{ ref('int_slices__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'figures', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with of_units as (
    select
        unit_id,
        period,
        year,
        indicator_code,
        value
    from {{ ref('rpt_unit_figure') }}
    where
        period_kind = 'year'
        and breakdown = ''
        and {{ in_changed_slices(kind='figures', period='period') }}
),

of_provinces as (
    select
        province_unit_id as unit_id,
        period,
        year,
        indicator_code,
        value
    from {{ ref('int_figures__province') }}
    where
        period_kind = 'year'
        and breakdown = ''
        and {{ in_changed_slices('province_unit_id', kind='figures') }}
),

figures as (
    select * from of_units
    union all
    select * from of_provinces
),

profiles as (
    select
        unit_id,
        period,
        year,
        max(value) filter (where indicator_code = 'total_households') as total_households,
        max(value) filter (where indicator_code = 'total_population') as total_population_persons,
        max(value) filter (where indicator_code = 'poor_households') as poor_households,
        max(value) filter (where indicator_code = 'poor_household_rate') as poor_household_rate_pct,
        max(value) filter (where indicator_code = 'near_poor_households') as near_poor_households,
        max(value) filter (where indicator_code = 'near_poor_household_rate') as near_poor_household_rate_pct,
        max(value) filter (where indicator_code = 'labour_force') as labour_force_persons,
        max(value) filter (where indicator_code = 'jobs_created') as jobs_created_persons,
        max(value) filter (where indicator_code = 'trainees') as trainees_persons,
        max(value) filter (where indicator_code = 'sa_monthly_beneficiaries') as sa_monthly_beneficiaries_persons,
        max(value) filter (where indicator_code = 'sa_payment_amount') as sa_payment_amount_vnd,
        max(value) filter (where indicator_code = 'merit_monthly_recipients') as merit_monthly_recipients_persons,
        max(value) filter (where indicator_code = 'merit_payment_amount') as merit_payment_amount_vnd
    from figures
    where
        indicator_code in (
            'total_households', 'total_population', 'poor_households', 'poor_household_rate',
            'near_poor_households', 'near_poor_household_rate', 'labour_force', 'jobs_created',
            'trainees', 'sa_monthly_beneficiaries', 'sa_payment_amount', 'merit_monthly_recipients',
            'merit_payment_amount'
        )
        and value is not null
    group by unit_id, period, year
)

select
    profiles.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_level,
    units.unit_type,
    units.unit_sort_key,
    units.province_unit_id,
    units.province_name,
    profiles.year,
    profiles.total_households,
    profiles.total_population_persons,
    profiles.poor_households,
    profiles.poor_household_rate_pct,
    profiles.near_poor_households,
    profiles.near_poor_household_rate_pct,
    profiles.labour_force_persons,
    profiles.jobs_created_persons,
    profiles.trainees_persons,
    profiles.sa_monthly_beneficiaries_persons,
    profiles.sa_payment_amount_vnd,
    profiles.merit_monthly_recipients_persons,
    profiles.merit_payment_amount_vnd
from profiles
inner join {{ ref('dim_period') }} as periods
    on profiles.period = periods.period
inner join {{ ref('int_units__versions') }} as units
    on
        profiles.unit_id = units.unit_id
        and periods.last_day >= units.valid_from
        and periods.last_day < units.valid_to
