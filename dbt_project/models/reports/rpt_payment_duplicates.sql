{{
    config(
        meta={'slice': {'kind': 'payment_month', 'unit': 'period'}},
        indexes=[{'columns': ['period', 'unit_id']}, {'columns': ['unit_id', 'year']}]
    )
}}
with lines as (
    select * from {{ ref('int_payments__in_effect') }}
    where {{ in_changed_slices() }}
),

{%- set matches = {
    'identity': 'identity_hash',
    'name_and_birth': 'person_hash',
} %}
-- The same name and year of birth are the same person only where no two identity numbers say otherwise, and one line
-- has none: a weaker sign, told as such. The group's number says nothing of the person.
{% for match_kind, pseudonym in matches.items() -%}
    same_{{ match_kind }} as (
        select
            period,
            key_id,
            {{ pseudonym }},
            min(submission_id * 10000000 + line_number) as first_line
        from lines
        where {{ pseudonym }} is not null
        group by period, key_id, {{ pseudonym }}
        having
            count(*) > 1
            {%- if match_kind == 'name_and_birth' %}
                and count(distinct identity_hash) <= 1
                and count(identity_hash) < count(*)
            {%- endif %}
    ),

{% endfor -%}
grouped as (
    {% for match_kind, pseudonym in matches.items() -%}
        select
            lines.*,
            '{{ match_kind }}' as match_kind,
            matched.first_line
        from lines
        inner join same_{{ match_kind }} as matched
            on
                lines.period = matched.period
                and lines.key_id = matched.key_id
                and lines.{{ pseudonym }} = matched.{{ pseudonym }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

described as (
    select
        period,
        match_kind,
        first_line,
        count(*)::integer as payments_in_group,
        count(distinct unit_id)::integer as units_in_group,
        -- Its place in a file of another unit is nobody else's: groups are counted in the order of their first lines.
        dense_rank() over (partition by period, match_kind order by first_line) as group_number
    from grouped
    group by period, match_kind, first_line
),

-- What a unit paid is told to those who read its rows; of another one only that it paid too.
paid_by_unit as (
    select
        period,
        match_kind,
        first_line,
        unit_id,
        count(distinct form_code)::integer as lists_in_group,
        count(distinct category_code)::integer as categories_in_group,
        sum(amount_vnd) as amount_in_group_vnd
    from grouped
    group by period, match_kind, first_line, unit_id
)

select
    grouped.period || '/' || upper(left(grouped.match_kind, 1)) || described.group_number as group_id,
    grouped.submission_id,
    grouped.line_number,
    grouped.ref,
    grouped.unit_id,
    grouped.unit_code,
    grouped.unit_name,
    grouped.unit_sort_key,
    grouped.district_unit_id,
    grouped.province_unit_id,
    grouped.period,
    grouped.year,
    grouped.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    grouped.category_code,
    grouped.months,
    grouped.amount_vnd,
    grouped.arrears_vnd,
    grouped.match_kind,
    described.payments_in_group,
    described.units_in_group,
    paid_by_unit.lists_in_group,
    paid_by_unit.categories_in_group,
    paid_by_unit.amount_in_group_vnd,
    described.units_in_group > 1 as is_across_units,
    paid_by_unit.lists_in_group > 1 as is_across_lists
from grouped
inner join described
    on
        grouped.period = described.period
        and grouped.match_kind = described.match_kind
        and grouped.first_line = described.first_line
inner join paid_by_unit
    on
        grouped.period = paid_by_unit.period
        and grouped.match_kind = paid_by_unit.match_kind
        and grouped.first_line = paid_by_unit.first_line
        and grouped.unit_id = paid_by_unit.unit_id
left join {{ ref('dim_form') }} as forms
    on grouped.form_code = forms.form_code
