-- For each rate and each group in which it can occur: the quantities to divide, and in which group to take them.
{{ config(materialized='table', indexes=[]) }}
with indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

rates as (
    select * from indicators
    where agg_units = 'recompute_ratio' and denominator is not null
),

breakdowns as (
    select * from {{ ref('int_breakdowns__named') }}
    where breakdown = breakdown_without_plan_level
),

grouped as (
    select
        rates.indicator_code,
        rates.numerator,
        rates.denominator,
        rates.denominator_scope,
        rates.numerator_breakdown,
        breakdowns.breakdown
    from rates
    inner join breakdowns
        on string_to_array(breakdowns.list_names, ';') <@ string_to_array(rates.breakdown_lists, ';')
    where
        -- A share of the whole is a share of some group.
        rates.denominator_scope != 'whole' or breakdowns.breakdown != '' or rates.numerator_breakdown != ''
),

denominators as (
    select
        grouped.indicator_code,
        grouped.breakdown,
        terms.indicator_code as term_code,
        case grouped.denominator_scope
            when 'whole' then ''
            else coalesce(
                (
                    select string_agg(pairs.pair, '; ' order by pairs.pair)
                    from unnest(string_to_array(grouped.breakdown, '; ')) as pairs (pair)
                    where split_part(pairs.pair, '=', 1) = any(string_to_array(terms.breakdown_lists, ';'))
                ),
                ''
            )
        end as term_breakdown,
        case grouped.denominator_scope when 'plan' then 'plan' else 'actual' end as term_measure
    from grouped
    cross join unnest(string_to_array(grouped.denominator, ' + ')) as named (term_code)
    inner join indicators as terms
        on named.term_code = terms.indicator_code
)

select
    indicator_code,
    breakdown,
    'numerator' as role,
    numerator as term_code,
    case numerator_breakdown when '' then breakdown else numerator_breakdown end as term_breakdown,
    'actual' as term_measure,
    1 as terms_expected
from grouped
union all
select
    indicator_code,
    breakdown,
    'denominator' as role,
    term_code,
    term_breakdown,
    term_measure,
    count(*) over (partition by indicator_code, breakdown)::integer as terms_expected
from denominators
