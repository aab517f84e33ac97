-- Each fact holds the statements that are its own and were read with enough confidence: as many, and the same by
-- their sum. That none stands in a fact twice is held by the fact's key, and a statement belongs to one fact.
{%- set slices = ref('int_slices__changed') %}
{%- set condition -%}
    {% if not flags.FULL_REFRESH -%}
        (unit_id, year) in (
            select
                slices.unit_id,
                slices.year
            from {{ slices }} as slices
            where slices.slice_kind = 'unit'
        )
    {%- else -%}
        true
    {%- endif %}
{%- endset %}
with facts as (
    {% for fact in facts() -%}
        select
            '{{ fact }}' as fact_name,
            count(*) as statements,
            sum(fact_id) as fact_ids
        from {{ ref(fact) }}
        where {{ condition }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

expected as (
    select
        fact_name,
        count(*) as statements,
        sum(fact_id) as fact_ids
    from {{ ref('int_observations__counted') }}
    where
        confidence >= {{ var('minimum_confidence') }}::real
        and {{ condition }}
    group by fact_name
)

select
    coalesce(facts.fact_name, expected.fact_name) as fact_name,
    facts.statements,
    expected.statements as expected_statements
from facts
full outer join expected
    on facts.fact_name = expected.fact_name
where
    coalesce(facts.statements, 0) != coalesce(expected.statements, 0)
    or facts.fact_ids is distinct from expected.fact_ids
