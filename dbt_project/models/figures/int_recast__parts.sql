-- What each unit contributes to the units of the maps: one row per figure and unit that it comes from. Of quantities
-- that add up; a rate goes over as it is where a unit became another one as a whole, else it is recomputed. Names
-- and weights are in int_recast__sources.
{{
    config(
        meta={
            'slice': {'kind': 'map_unit', 'unit': 'unit_id'},
            'groups': [['map_date', 'unit_id', 'period', 'indicator_code', 'breakdown']],
        }
    )
}}
with sources as (
    select * from {{ ref('int_recast__sources') }}
    where {{ in_changed_slices() }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
    -- A fall follows from two years of the series.
    where measure_type != 'change'
),

of_provinces as (
    select
        sources.*,
        figures.indicator_code,
        figures.breakdown,
        figures.value
    from sources
    inner join {{ ref('fct_province_figure') }} as figures
        on
            sources.source_unit_id = figures.province_unit_id
            and sources.period = figures.period
    where sources.source_level = 'province'
),

of_reporting_units as (
    select
        sources.*,
        figures.indicator_code,
        figures.breakdown,
        figures.value
    from sources
    inner join {{ ref('fct_unit_figure') }} as figures
        on
            sources.source_unit_id = figures.unit_id
            and sources.year = figures.year
            and sources.period = figures.period
    where
        sources.is_source_reporting
        {% if is_incremental() -%}
            -- As values, which an index looks up.
            and figures.unit_id = any(
                array(
                    select asked.source_unit_id
                    from sources as asked
                    where asked.is_source_reporting
                )
            )
            and figures.period >= (select min(asked.year)::text from sources as asked)
            and figures.period < (select (max(asked.year) + 1)::text from sources as asked)
        {%- endif %}
),

of_communes as (
    select
        sources.*,
        figures.indicator_code,
        figures.breakdown,
        figures.value
    from sources
    inner join {{ ref('int_values__by_unit') }} as figures
        on
            sources.source_unit_id = figures.unit_id
            and sources.year = figures.year
            and sources.period = figures.period
    where
        sources.source_level = 'commune'
        and not sources.is_source_reporting
        and figures.measure = 'actual'
        {% if is_incremental() -%}
            and figures.unit_id = any(
                array(
                    select asked.source_unit_id
                    from sources as asked
                    where not asked.is_source_reporting
                )
            )
            and figures.year >= (select min(asked.year) from sources as asked)
            and figures.year <= (select max(asked.year) from sources as asked)
        {%- endif %}
),

figures as (
    select * from of_provinces
    union all
    select * from of_reporting_units
    union all
    select * from of_communes
)

select
    figures.map_date,
    figures.unit_id,
    figures.unit_level,
    figures.period,
    figures.year,
    figures.indicator_code,
    figures.breakdown,
    figures.source_unit_id,
    figures.source_level,
    figures.how,
    figures.value * figures.weight as value,
    figures.is_counted,
    figures.parts_expected,
    indicators.agg_units
from figures
inner join indicators
    on figures.indicator_code = indicators.indicator_code
where
    figures.value is not null
    and figures.weight is not null
    and (indicators.agg_units = 'sum' or (figures.parts_expected = 1 and figures.how in ('same', 'whole')))
