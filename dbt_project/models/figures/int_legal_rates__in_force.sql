-- The least that one month of each category of a payment list is worth by law, by province and month: the country's
-- rate, and the province's own where that is higher. Where a category may have several rates the lowest binds. What is
-- accepted may be less: a rate worked out may be off, and the rate before is not wrong until the new one came into
-- force. A province's rate that was not read is told, and so is one of the country's, which then binds nobody.
{{ config(materialized='table', indexes=[]) }}
with months as (
    select distinct
        submissions.form_code,
        submissions.period,
        units.province_code,
        periods.first_day
    from {{ ref('int_submissions__known') }} as submissions
    inner join {{ ref('int_periods__described') }} as periods
        on submissions.period = periods.period
    inner join {{ ref('int_units__versions') }} as units
        on {{ unit_on('periods.last_day', 'submissions.reporting_unit_id') }}
    where
        submissions.source_kind = 'list'
        and submissions.is_in_effect
),

rates as (
    select * from {{ ref('stg_catalogue__rate') }}
),

in_force as (
    select
        months.form_code,
        months.period,
        months.province_code,
        rates.rate_code,
        rates.rate_category,
        max(rates.value) filter (where rates.province_code is null) as national_value,
        max(rates.value) as value,
        greatest(
            max(rates.value) filter (where rates.province_code is not null),
            min(least(rates.value - rates.tolerance, former.value)) filter (where rates.province_code is null)
        ) as accepted_value,
        bool_or(rates.is_derived) as is_derived,
        bool_or(rates.value is null) as is_unread,
        bool_or(rates.value is null and rates.province_code is null) as is_unread_nationally
    from months
    inner join rates
        on
            months.first_day >= rates.valid_from
            and months.first_day < rates.valid_to
            and (rates.province_code is null or months.province_code = rates.province_code)
    left join rates as former
        on
            rates.rate_code = former.rate_code
            and rates.rate_category = former.rate_category
            and rates.valid_from = former.valid_to
            and former.province_code is null
            and rates.province_code is null
            and months.first_day < rates.former_until
    group by months.form_code, months.period, months.province_code, rates.rate_code, rates.rate_category
),

bound as (
    select
        in_force.form_code,
        in_force.period,
        in_force.province_code,
        coalesce(rules.category_code, in_force.rate_category) as category_code,
        in_force.national_value * coalesce(standards.national_value, 1) as national_amount_vnd,
        in_force.value * coalesce(standards.value, 1) as legal_amount_vnd,
        in_force.accepted_value * coalesce(standards.accepted_value, 1) as accepted_amount_vnd,
        in_force.is_derived or coalesce(standards.is_derived, false) as is_derived,
        in_force.is_unread or coalesce(standards.is_unread, false) as is_unread,
        in_force.is_unread_nationally or coalesce(standards.is_unread_nationally, false) as is_unread_nationally
    from {{ ref('stg_catalogue__payment_rate') }} as rules
    inner join in_force
        on
            rules.form_code = in_force.form_code
            and rules.rate_code = in_force.rate_code
            and (
                rules.rate_category is null
                or rules.rate_category = in_force.rate_category
                or (rules.is_prefix and starts_with(in_force.rate_category, rules.rate_category))
            )
    left join in_force as standards
        on
            in_force.form_code = standards.form_code
            and in_force.period = standards.period
            and in_force.province_code = standards.province_code
            and rules.times_rate_code = standards.rate_code
    where rules.times_rate_code is null or standards.rate_code is not null
)

select
    form_code,
    period,
    province_code,
    category_code,
    min(national_amount_vnd) as national_amount_vnd,
    -- Of several rates one that was not read may be the lowest.
    case when not bool_or(is_unread_nationally) then min(legal_amount_vnd) end as legal_amount_vnd,
    case when not bool_or(is_unread_nationally) then min(accepted_amount_vnd) end as accepted_amount_vnd,
    case when bool_or(is_unread) then 'not_known' when bool_or(is_derived) then 'derived' else 'law' end as rate_status
from bound
group by form_code, period, province_code, category_code
