-- depends_on: {{ ref('int_slices__changed') }}
-- Of several statements of one quantity one counts. That it is not more than one is held by a unique index of each
-- fact; here, that none stands back without another that counts. Fact by fact: most have none that stands back.
{%- set quantity = [
    'unit_id', 'period', 'accumulation', 'indicator_code', 'breakdown', 'measure', 'issuer', 'year'
] %}
{% for fact in facts() -%}
    select
        '{{ fact }}' as fact_name,
        uncounted.fact_id
    from {{ ref(fact) }} as uncounted
    left join {{ ref(fact) }} as counted
        on
            counted.is_counted
            {%- for column in quantity %}
                and uncounted.{{ column }} = counted.{{ column }}
            {%- endfor %}
            and {{ in_tested_slices('counted.unit_id', 'counted.year') }}
    where
        not uncounted.is_counted
        and counted.fact_id is null
        and {{ in_tested_slices('uncounted.unit_id', 'uncounted.year') }}
    {% if not loop.last -%}
        union all
    {% endif -%}
{% endfor %}
