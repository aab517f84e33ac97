{{
    config(
        meta={'slice': {'kind': 'province_report', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'period']}]
    )
}}
with figures as (
    select * from {{ ref('fct_province_figure') }}
    where {{ in_changed_slices(with_year_before=true) }}
),

targets as (
    select * from {{ ref('fct_province_target') }}
    where {{ in_changed_slices() }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

shown as (
    select
        coalesce(figures.province_unit_id, targets.province_unit_id) as province_unit_id,
        coalesce(figures.period, targets.period) as period,
        coalesce(figures.indicator_code, targets.indicator_code) as indicator_code,
        coalesce(figures.breakdown, targets.breakdown) as breakdown,
        figures.value,
        figures.value_partial,
        figures.basis,
        coalesce(figures.units_reported, 0) as units_reported,
        figures.units_missing,
        coalesce(figures.is_complete, false) as is_complete,
        targets.target_value,
        targets.target_issuer
    from figures
    full outer join targets
        on
            figures.province_unit_id = targets.province_unit_id
            and figures.period = targets.period
            and figures.indicator_code = targets.indicator_code
            and figures.breakdown = targets.breakdown
),

-- The year before of a province that is new: what the provinces that went into it add up to.
recast_figures as (
    select distinct on (unit_id, period, indicator_code, breakdown)
        unit_id,
        period,
        indicator_code,
        breakdown,
        value
    from {{ ref('fct_recast_figure') }}
    where
        unit_level = 'province'
        and value is not null
        and {{ in_changed_slices('unit_id', with_year_before=true) }}
    order by unit_id, period, indicator_code, breakdown, map_date desc
),

compared as (
    select
        shown.*,
        periods.period_kind,
        periods.year,
        periods.last_day,
        coalesce(year_before.value, recast_before.value) as value_prior,
        shown.value - coalesce(year_before.value, recast_before.value) as change
    from shown
    inner join periods
        on shown.period = periods.period
    left join figures as year_before
        on
            shown.province_unit_id = year_before.province_unit_id
            and periods.prior_year_period = year_before.period
            and shown.indicator_code = year_before.indicator_code
            and shown.breakdown = year_before.breakdown
    left join recast_figures as recast_before
        on
            shown.province_unit_id = recast_before.unit_id
            and periods.prior_year_period = recast_before.period
            and shown.indicator_code = recast_before.indicator_code
            and shown.breakdown = recast_before.breakdown
),

-- All units below the province then, whether or not anybody has spoken of the period yet.
coverage as (
    select
        asked.province_unit_id,
        asked.period,
        count(*)::integer as units_expected,
        string_agg(units.unit_name, '; ' order by units.unit_sort_key, units.unit_id) as unit_names
    from (
        select distinct
            shown.province_unit_id,
            shown.period
        from shown
    ) as asked
    inner join periods
        on asked.period = periods.period
    inner join {{ ref('dim_unit') }} as units
        on
            asked.province_unit_id = units.province_unit_id
            and units.is_reporting_level
            and {{ valid_on('periods.last_day') }}
    group by asked.province_unit_id, asked.period
)

select
    compared.province_unit_id,
    provinces.unit_code as province_code,
    provinces.unit_name as province_name,
    compared.period,
    compared.period_kind,
    compared.year,
    indicators.domain,
    compared.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    compared.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    indicators.unit_of_measure_name_vi,
    compared.value,
    compared.value_partial,
    compared.value_prior,
    compared.change,
    -- A change of a rate is said in points, never in percent of a percentage.
    case
        when indicators.unit_of_measure not in ('percent', 'percentage_point')
            then round(100 * compared.change / nullif(abs(compared.value_prior), 0), 2)
    end as change_pct,
    compared.target_value,
    compared.target_issuer,
    case indicators.better
        when 'lower' then round(100 * compared.target_value / nullif(compared.value, 0), 2)
        else round(100 * compared.value / nullif(compared.target_value, 0), 2)
    end as target_attainment_pct,
    case indicators.better
        when 'lower' then compared.value <= compared.target_value
        when 'higher' then compared.value >= compared.target_value
    end as is_target_met,
    compared.units_reported,
    coalesce(coverage.units_expected, 0) as units_expected,
    compared.is_complete,
    -- A target without any figure: nobody has said anything.
    coalesce(compared.units_missing, coverage.unit_names, '') as units_missing,
    compared.basis,
    row_number() over (
        partition by compared.province_unit_id, compared.period
        order by indicators.sort_order, breakdowns.sort_order
    )::integer as sort_order
from compared
inner join {{ ref('dim_unit') }} as provinces
    on {{ unit_on('compared.last_day', 'compared.province_unit_id', 'provinces', or_nearest=true) }}
inner join {{ ref('dim_indicator') }} as indicators
    on compared.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on compared.breakdown = breakdowns.breakdown
left join coverage
    on
        compared.province_unit_id = coverage.province_unit_id
        and compared.period = coverage.period
where {{ in_changed_slices('compared.province_unit_id', 'compared.year') }}
