{% macro unit_report(period_kind) -%}
    {#- One row per figure of a reporting unit, with the statement that it rests on. -#}
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
        figures.submission_id,
        figures.observation_id,
        figures.ref,
        figures.source_kind,
        -- By indicator, and of one indicator by breakdown.
        indicators.sort_order * 10000 + breakdowns.sort_order as sort_order
    from {{ ref('rpt_unit_figure') }} as figures
    inner join {{ ref('dim_period') }} as periods
        on figures.period = periods.period
    inner join {{ ref('dim_unit') }} as units
        on
            figures.unit_id = units.unit_id
            and periods.last_day >= units.valid_from
            and periods.last_day < units.valid_to
    inner join {{ ref('dim_indicator') }} as indicators
        on figures.indicator_code = indicators.indicator_code
    inner join {{ ref('dim_breakdown') }} as breakdowns
        on figures.breakdown = breakdowns.breakdown
    left join {{ ref('rpt_unit_figure') }} as year_before
        on
            figures.unit_id = year_before.unit_id
            and periods.prior_year_period = year_before.period
            and figures.indicator_code = year_before.indicator_code
            and figures.breakdown = year_before.breakdown
    where figures.period_kind = '{{ period_kind }}'
{%- endmacro %}
