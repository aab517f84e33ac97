{{
    config(
        meta={'slice': {'kind': 'reconciled_unit', 'unit': 'unit_id'}}
    )
}}
-- LVL-001: a unit against the sum of the units below it; LVL-002: a province against its units; LST-200: what a list
-- adds up to against the figure that counts; STM-001: a statement against what counts for the same quantity, however
-- either was spelled; CUM-001: what was cumulated fell; CUM-002: quarters do not add up to their year.
with levels as (
    select
        'LVL-001' as rule_id,
        unit_id,
        period,
        year,
        indicator_code,
        breakdown,
        measure,
        value as value_counted,
        source_kind as source_kind_counted,
        ref as ref_counted,
        value_summed as value_other,
        null::text as source_kind_other,
        null::text as ref_other,
        null::bigint as observation_id
    from {{ ref('int_levels__reporting_unit') }}
    where
        value_stated != value_summed
        and is_complete
        and {{ in_changed_slices() }}
),

provinces as (
    select
        'LVL-002' as rule_id,
        province_unit_id as unit_id,
        period,
        year,
        indicator_code,
        breakdown,
        'actual' as measure,
        value as value_counted,
        null::text as source_kind_counted,
        null::text as ref_counted,
        value_stated as value_other,
        null::text as source_kind_other,
        null::text as ref_other,
        null::bigint as observation_id
    from {{ ref('int_totals__province') }}
    where
        is_complete
        -- Rates are compared as they are published, to two decimals.
        and round(value_stated, 2) != round(value_combined, 2)
        and {{ in_changed_slices('province_unit_id') }}
),

lists as (
    select
        'LST-200' as rule_id,
        lists.unit_id,
        lists.period,
        lists.year,
        lists.indicator_code,
        lists.breakdown,
        'actual' as measure,
        levels.value as value_counted,
        levels.source_kind as source_kind_counted,
        levels.ref as ref_counted,
        lists.value as value_other,
        'list' as source_kind_other,
        null::text as ref_other,
        null::bigint as observation_id
    from {{ ref('int_lists__by_unit') }} as lists
    inner join {{ ref('int_levels__reporting_unit') }} as levels
        on
            lists.unit_id = levels.unit_id
            and lists.period = levels.period
            and lists.indicator_code = levels.indicator_code
            and lists.breakdown = levels.breakdown
    where
        levels.measure = 'actual'
        and levels.value != lists.value
        and {{ in_changed_slices('levels.unit_id', 'levels.year') }}
        and {{ in_changed_slices('lists.unit_id', 'lists.year') }}
),

statements as (
    select
        rule_id,
        unit_id,
        period,
        year,
        indicator_code,
        breakdown,
        measure,
        value_counted,
        source_kind_counted,
        ref_counted,
        value_other,
        source_kind_other,
        ref_other,
        observation_id
    from {{ ref('int_statements__compared') }}
    where {{ in_changed_slices() }}
),

differences as (
    select * from levels
    union all
    select * from provinces
    union all
    select * from lists
    union all
    select * from statements
)

select
    differences.rule_id,
    differences.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_level,
    units.unit_sort_key,
    units.district_unit_id,
    units.province_unit_id,
    differences.period,
    periods.period_name_vi,
    periods.period_name_en,
    differences.year,
    indicators.domain,
    differences.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    differences.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    differences.measure,
    differences.value_counted,
    differences.value_other,
    differences.value_other - differences.value_counted as difference,
    round(
        100 * (differences.value_other - differences.value_counted) / nullif(abs(differences.value_counted), 0), 2
    ) as difference_pct,
    coalesce(differences.observation_id, 0) as observation_id,
    case differences.rule_id
        when 'LVL-001' then 'Số của đơn vị khác tổng các xã'
        when 'LVL-002' then 'Số tỉnh nêu khác tổng các đơn vị'
        when 'LST-200' then 'Danh sách chi trả khác biểu tổng hợp'
        when 'CUM-001' then 'Số lũy kế giảm so với kỳ trước'
        when 'CUM-002' then 'Tổng bốn quý khác số cả năm'
        else 'Hai nguồn nêu hai số'
    end as rule_name_vi,
    case differences.rule_id
        when 'LVL-001' then 'A unit differs from the sum of its communes'
        when 'LVL-002' then 'What the province states differs from its units'
        when 'LST-200' then 'The payment list differs from the summary form'
        when 'CUM-001' then 'A cumulated value is less than the one before'
        when 'CUM-002' then 'The four quarters do not add up to the year'
        else 'Two statements differ'
    end as rule_name_en,
    differences.source_kind_counted,
    differences.ref_counted,
    differences.source_kind_other,
    differences.ref_other
from differences
inner join {{ ref('dim_period') }} as periods
    on differences.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'differences.unit_id', or_nearest=true) }}
inner join {{ ref('dim_indicator') }} as indicators
    on differences.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on differences.breakdown = breakdowns.breakdown
