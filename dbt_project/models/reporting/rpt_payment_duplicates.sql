-- depends_on: {{ ref('int_slices__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'payment_month', 'unit': 'period'}},
        indexes=[{'columns': ['period', 'unit_id']}, {'columns': ['unit_id', 'year']}]
    )
}}
with lines as (
    {{ payment_lines_in_effect() }}
),

by_identity as (
    select
        period,
        key_id,
        identity_hash
    from lines
    where identity_hash is not null
    group by period, key_id, identity_hash
    having count(*) > 1
),

-- The same name and year of birth are the same person only where no two identity numbers say otherwise, and one line
-- has none: a weaker sign, told as such.
by_name as (
    select
        period,
        key_id,
        person_hash
    from lines
    group by period, key_id, person_hash
    having
        count(*) > 1
        and count(distinct identity_hash) <= 1
        and count(identity_hash) < count(*)
),

-- Groups are numbered by the place of their first line, which says nothing of the person.
identity_groups as (
    select
        lines.*,
        'identity' as match_kind,
        min(lines.submission_id * 10000000 + lines.line_number)
            over (partition by lines.period, lines.key_id, lines.identity_hash) as first_line
    from lines
    inner join by_identity
        on
            lines.period = by_identity.period
            and lines.key_id = by_identity.key_id
            and lines.identity_hash = by_identity.identity_hash
),

name_groups as (
    select
        lines.*,
        'name_and_birth' as match_kind,
        min(lines.submission_id * 10000000 + lines.line_number)
            over (partition by lines.period, lines.key_id, lines.person_hash) as first_line
    from lines
    inner join by_name
        on
            lines.period = by_name.period
            and lines.key_id = by_name.key_id
            and lines.person_hash = by_name.person_hash
),

grouped as (
    select * from identity_groups
    union all
    select * from name_groups
),

described as (
    select
        period,
        match_kind,
        first_line,
        count(*)::integer as payments_in_group,
        count(distinct unit_id)::integer as units_in_group,
        count(distinct form_code)::integer as lists_in_group,
        count(distinct category_code)::integer as categories_in_group,
        sum(amount_vnd) as amount_in_group_vnd
    from grouped
    group by period, match_kind, first_line
)

select
    grouped.period || '/' || upper(left(grouped.match_kind, 1)) || grouped.first_line as group_id,
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
    described.lists_in_group,
    described.categories_in_group,
    described.amount_in_group_vnd,
    described.units_in_group > 1 as is_across_units,
    described.lists_in_group > 1 as is_across_lists
from grouped
inner join described
    on
        grouped.period = described.period
        and grouped.match_kind = described.match_kind
        and grouped.first_line = described.first_line
left join {{ ref('stg_catalogue__form') }} as forms
    on grouped.form_code = forms.form_code
