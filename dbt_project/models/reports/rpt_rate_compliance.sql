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

-- The two lists of categories share no code.
categories as (
    select
        code,
        name_vi,
        name_en
    from {{ ref('dim_sa_category') }}
    union all
    select
        code,
        name_vi,
        name_en
    from {{ ref('dim_merit_category') }}
),

-- Arrears are owed for earlier months at the rates of these: they are told apart and not measured.
measured as (
    select
        lines.*,
        lines.amount_vnd - lines.arrears_vnd as regular_vnd,
        rates.national_amount_vnd,
        rates.legal_amount_vnd,
        rates.accepted_amount_vnd,
        rates.rate_status,
        rates.legal_amount_vnd * lines.months as due_vnd,
        rates.accepted_amount_vnd * lines.months as accepted_vnd
    from lines
    left join {{ ref('int_legal_rates__in_force') }} as rates
        on
            lines.form_code = rates.form_code
            and lines.period = rates.period
            and lines.province_code = rates.province_code
            and lines.category_code = rates.category_code
)

select
    measured.unit_id,
    measured.unit_code,
    measured.unit_name,
    measured.unit_sort_key,
    measured.district_unit_id,
    measured.province_unit_id,
    measured.period,
    measured.year,
    measured.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    coalesce(measured.category_code, '') as category_code,
    max(codes.name_vi) as category_name_vi,
    max(codes.name_en) as category_name_en,
    -- What was worked out is no amount of the law and is not shown as one.
    max(measured.national_amount_vnd) filter (where measured.rate_status != 'derived') as national_amount_vnd,
    max(measured.legal_amount_vnd) filter (where measured.rate_status != 'derived') as legal_amount_vnd,
    max(measured.legal_amount_vnd) filter (where measured.rate_status = 'derived') as derived_amount_vnd,
    max(measured.accepted_amount_vnd) as accepted_amount_vnd,
    max(measured.rate_status) as rate_status,
    case
        when max(measured.legal_amount_vnd) > max(measured.national_amount_vnd) then 'province'
        when max(measured.legal_amount_vnd) is not null then 'national'
    end as rate_basis,
    count(*)::integer as payments,
    count(*) filter (where measured.regular_vnd <= measured.accepted_vnd - 0.5 and measured.regular_vnd > 0)::integer
        as payments_below,
    count(*) filter (
        where
        measured.regular_vnd > measured.accepted_vnd - 0.5
        and measured.regular_vnd <= measured.due_vnd - 0.5
        and measured.regular_vnd > 0
    )::integer as payments_accepted,
    count(*) filter (where abs(measured.regular_vnd - measured.due_vnd) < 0.5)::integer as payments_equal,
    count(*) filter (where measured.regular_vnd >= measured.due_vnd + 0.5)::integer as payments_above,
    count(*) filter (where measured.regular_vnd <= 0)::integer as payments_of_arrears_only,
    count(*) filter (where measured.due_vnd is null and measured.regular_vnd > 0)::integer as payments_without_rate,
    sum(measured.regular_vnd) as regular_vnd,
    sum(measured.arrears_vnd) as arrears_vnd,
    sum(measured.due_vnd) filter (where measured.regular_vnd > 0) as due_vnd,
    coalesce(
        sum(measured.due_vnd - measured.regular_vnd) filter (
            where measured.regular_vnd <= measured.accepted_vnd - 0.5 and measured.regular_vnd > 0
        ),
        0
    ) as shortfall_vnd
from measured
left join {{ ref('dim_form') }} as forms
    on measured.form_code = forms.form_code
left join categories as codes
    on measured.category_code = codes.code
group by
    measured.unit_id,
    measured.unit_code,
    measured.unit_name,
    measured.unit_sort_key,
    measured.district_unit_id,
    measured.province_unit_id,
    measured.period,
    measured.year,
    measured.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    coalesce(measured.category_code, '')
