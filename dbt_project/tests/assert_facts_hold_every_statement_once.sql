-- The facts together are the statements: none is missing, none stands in two of them.
{% set facts = [
    'fct_poverty', 'fct_poverty_change', 'fct_deprivation', 'fct_employment', 'fct_training',
    'fct_social_protection_payment', 'fct_merit_subsidy', 'fct_programme_budget', 'fct_indicator', 'fct_target'
] -%}
with facts as (
    {% for fact in facts -%}
        select observation_id from {{ ref(fact) }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

counts as (
    select
        (select count(*) from facts) as in_facts,
        (select count(distinct observation_id) from facts) as distinct_in_facts,
        (select count(*) from {{ ref('int_observations__counted') }}) as statements
)

select * from counts
where in_facts != statements or distinct_in_facts != statements
