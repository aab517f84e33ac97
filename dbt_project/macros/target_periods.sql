{% macro target_periods(targets) -%}
    {#- Joins of a target with the period for which it was written (`stated_periods`) and those for which it holds
        (`periods`): one written for a span of years is the annual target of each of them. -#}
    inner join {{ ref('int_periods__described') }} as stated_periods
        on {{ targets }}.period = stated_periods.period
    inner join {{ ref('int_periods__described') }} as periods
        on
            (stated_periods.period_kind != 'span' and stated_periods.period = periods.period)
            or (
                stated_periods.period_kind = 'span'
                and periods.period_kind = 'year'
                and periods.year between stated_periods.first_year and stated_periods.year
            )
{%- endmacro %}
