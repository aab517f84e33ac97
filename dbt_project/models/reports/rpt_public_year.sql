-- The figures of a year as they may be published: without any from which a count of a few people could be read or
-- worked out. The rule and its reasons: docs/decisions/0003-small-counts.md.
{{
    config(
        meta={'rows': 'open', 'slice': {'kind': 'province_two_years', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}, {'columns': ['indicator_code', 'year']}]
    )
}}
with figures as (
    select
        province_unit_id,
        unit_id,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_figures__of_all') }}
    where
        period_kind = 'year'
        and value is not null
        and {{ in_changed_slices(period='period') }}
),

-- Whether a fall may be published depends on the year before as well.
hidden_cells as (
    select * from {{ ref('int_small_counts__hidden') }}
    where {{ in_changed_slices(with_year_before=true) }}
),

-- A rate gives away its numerator to whom its denominator is known, and the reverse.
hidden_rates as (
    select
        hidden_cells.unit_id,
        hidden_cells.year,
        terms.indicator_code,
        terms.breakdown
    from hidden_cells
    inner join {{ ref('int_ratios__terms') }} as terms
        on
            hidden_cells.indicator_code = terms.term_code
            and hidden_cells.breakdown = terms.term_breakdown
),

hidden_levels as (
    select
        unit_id,
        year,
        indicator_code,
        breakdown
    from hidden_cells
    union
    select * from hidden_rates
),

-- A fall gives away one year's figure to whom the other's is known.
hidden as (
    select * from hidden_levels
    union
    select
        hidden_levels.unit_id,
        hidden_levels.year + offsets.years as year,
        indicators.indicator_code,
        hidden_levels.breakdown
    from hidden_levels
    inner join {{ ref('dim_indicator') }} as indicators
        on
            hidden_levels.indicator_code = indicators.numerator
            and indicators.measure_type = 'change'
    cross join (values (0), (1)) as offsets (years)
)

select
    figures.province_unit_id,
    figures.unit_id,
    units.unit_code,
    units.unit_name,
    figures.unit_id = figures.province_unit_id as is_province,
    figures.year,
    indicators.domain,
    figures.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    figures.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    case when hidden.unit_id is null then figures.value end as value,
    hidden.unit_id is not null as is_suppressed
from figures
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('make_date(figures.year, 12, 31)', 'figures.unit_id', or_nearest=true) }}
inner join {{ ref('dim_indicator') }} as indicators
    on figures.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on figures.breakdown = breakdowns.breakdown
left join hidden
    on
        figures.unit_id = hidden.unit_id
        and figures.year = hidden.year
        and figures.indicator_code = hidden.indicator_code
        and figures.breakdown = hidden.breakdown
