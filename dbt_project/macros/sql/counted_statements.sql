{% macro counted_statements() -%}
    {#- The statements that count towards a unit's figures, with the months of which they speak and what ranks them.
        A fall that was reached is stated as a change of an indicator that is a fall itself. -#}
    select
        observations.unit_id,
        observations.indicator_code,
        case
            when observations.measure in ('plan', 'target') then breakdowns.breakdown_without_plan_level
            else observations.breakdown
        end as breakdown,
        case when observations.measure in ('plan', 'target') then 'plan' else 'actual' end as measure,
        observations.year,
        observations.period,
        periods.period_kind,
        {{ first_month('observations', 'periods', 'units') | indent(8) }} as first_month,
        periods.last_month,
        indicators.agg_time,
        indicators.measure_type = 'change' as is_change,
        observations.value,
        observations.observation_id,
        observations.submission_id,
        observations.source_kind,
        observations.ref,
        {{ standing('observations', 'indicators') | indent(8) }} as standing,
        observations.as_of,
        observations.known_from,
        array_position(array['year', 'half', 'quarter', 'month'], periods.period_kind) as kind_rank,
        array_position(array['period', 'since_january', 'point'], observations.accumulation) as accumulation_rank,
        array_position(array['actual', 'change', 'plan', 'target'], observations.measure) as measure_rank
    from {{ ref('int_observations__counted') }} as observations
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on observations.indicator_code = indicators.indicator_code
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    inner join {{ ref('int_breakdowns__named') }} as breakdowns
        on observations.breakdown = breakdowns.breakdown
    left join {{ ref('int_units__versions') }} as units
        on {{ unit_on('periods.last_day', 'observations.unit_id') }}
    where
        observations.is_counted
        and periods.period_kind != 'span'
        and (
            observations.measure in ('actual', 'plan', 'target')
            or (observations.measure = 'change' and indicators.measure_type = 'change')
        )
        and {{ in_changed_slices('observations.unit_id', 'observations.year') }}
{%- endmacro %}

{% macro first_month(observations, periods, units) -%}
    {#- The first month of which a statement speaks. A year of a unit that began in it begins with the quarter of its first
        day: since January is since then, and the year is what is left of it. -#}
    greatest(
        case {{ observations }}.accumulation when 'since_january' then 1 else {{ periods }}.first_month end,
        case
            when extract(year from {{ units }}.reports_since) = {{ periods }}.year
                then 3 * ((extract(month from {{ units }}.reports_since)::integer - 1) / 3) + 1
        end
    )
{%- endmacro %}

{% macro unit_value_columns() -%}
    {#- What has one width stands first, and what is asked most: the columns before one are gone through to reach it. -#}
    year,
    is_reporting_level,
    unit_id,
    period,
    indicator_code,
    breakdown,
    measure,
    value,
    unit_level,
    period_kind,
    province_unit_id,
    parent_unit_id,
    derivation,
    observation_ids
{%- endmacro %}

{% macro unit_values(all_values, statement) -%}
    {#- Values by quarter and year with the unit as it was on the period's last day, which says who is above it; at the
        end the columns of `statement`, which say where the statement stands that closes the value. -#}
    with_unit as (
        select
            all_values.*,
            units.unit_level,
            units.parent_unit_id,
            units.province_unit_id,
            units.is_reporting_level
        from {{ all_values }} as all_values
        inner join {{ ref('int_units__versions') }} as units
            on {{ unit_on('all_values.last_day', 'all_values.unit_id') }}
    )

    select
        {{ unit_value_columns() | indent(4) }},
        {{ statement | join(',\n        ') }}
    from with_unit
{%- endmacro %}

{% macro series_order(unit_id, columns) -%}
    {#- A number to sort series by before their columns: rows of a series stay together and series of a unit too, and
        comparing numbers takes a fraction of comparing texts that begin alike. Two series may share one, so the columns
        themselves have to follow. -#}
    (hashtext({{ unit_id }})::bigint << 32) | (hashtext({{ columns | join(' || ') }})::bigint & 4294967295)
{%- endmacro %}
