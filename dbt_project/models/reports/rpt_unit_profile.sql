{{
    config(
        meta={'slice': {'kind': 'figure_unit', 'unit': 'unit_id'}}
    )
}}
{%- set columns = [
    'total_households',
    'total_population_persons',
    'poor_households',
    'poor_household_rate_pct',
    'near_poor_households',
    'near_poor_household_rate_pct',
    'labour_force_persons',
    'jobs_created_persons',
    'trainees_persons',
    'sa_monthly_beneficiaries_persons',
    'sa_payment_amount_vnd',
    'merit_monthly_recipients_persons',
    'merit_payment_amount_vnd'
] %}
with figures as (
    select
        unit_id,
        period,
        year,
        indicator_code,
        value
    from {{ ref('int_figures__of_all') }}
    where
        period_kind = 'year'
        and breakdown = ''
        and {{ in_changed_slices(period='period') }}
),

-- Which figure a column shows, the catalogue says (seeds/indicator_roles.csv).
profiles as (
    select
        figures.unit_id,
        {% for column in columns -%}
            max(figures.value) filter (where indicators.profile_column = '{{ column }}') as {{ column }},
        {% endfor -%}
        figures.period,
        figures.year
    from figures
    inner join {{ ref('dim_indicator') }} as indicators
        on figures.indicator_code = indicators.indicator_code
    where
        indicators.profile_column is not null
        and figures.value is not null
    group by figures.unit_id, figures.period, figures.year
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
    {% for column in columns -%}
        profiles.{{ column }},
    {% endfor -%}
    profiles.year
from profiles
inner join {{ ref('dim_period') }} as periods
    on profiles.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'profiles.unit_id') }}
