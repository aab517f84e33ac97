{% macro unit_report(period_kind) -%}
    {#- One row per figure of a reporting unit, with the statement that it rests on. -#}
    with figures as (
        select
            *,
            -- Of a difference or a sum the statement that closes it; the others are in int_figures__unit.
            split_part(observation_ids, ';', 1)::bigint as observation_id
        from {{ ref('int_figures__unit') }}
        where
            period_kind = '{{ period_kind }}'
            and {{ in_changed_slices(kind='reporting_unit', with_year_before=true) }}
    ),

    periods as (
        select * from {{ ref('int_periods__described') }}
    )

    select
        figures.unit_id,
        units.unit_code,
        units.unit_name,
        units.unit_sort_key,
        figures.province_unit_id,
        figures.period,
        indicators.domain,
        figures.indicator_code,
        indicators.indicator_name_vi,
        figures.breakdown,
        breakdowns.breakdown_name_vi,
        indicators.unit_of_measure,
        figures.value,
        year_before.value as value_prior,
        figures.value - year_before.value as change,
        observations.submission_id,
        observations.observation_id,
        observations.ref,
        observations.source_kind,
        row_number() over (
            partition by figures.unit_id, figures.period
            order by indicators.sort_order, breakdowns.sort_order
        )::integer as sort_order
    from figures
    inner join periods
        on figures.period = periods.period
    inner join {{ ref('int_units__versions') }} as units
        on
            figures.unit_id = units.unit_id
            and periods.last_day >= units.valid_from
            and periods.last_day < units.valid_to
    inner join {{ ref('dim_indicator') }} as indicators
        on figures.indicator_code = indicators.indicator_code
    inner join {{ ref('int_breakdowns__named') }} as breakdowns
        on figures.breakdown = breakdowns.breakdown
    left join figures as year_before
        on
            figures.unit_id = year_before.unit_id
            and periods.prior_year_period = year_before.period
            and figures.indicator_code = year_before.indicator_code
            and figures.breakdown = year_before.breakdown
    left join {{ ref('int_observations__counted') }} as observations
        on figures.observation_id = observations.observation_id
    where {{ in_changed_slices('figures.unit_id', 'figures.year', kind='reporting_unit') }}
{%- endmacro %}
