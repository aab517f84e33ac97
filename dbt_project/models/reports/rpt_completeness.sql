{{
    config(
        meta={'slice': {'kind': 'registry_province', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
with dues as (
    select
        form_code,
        province_unit_id,
        period,
        year,
        unit_id,
        due_on,
        is_form_in_use,
        submission_id is not null as is_received,
        coalesce(received_on <= due_on, false) as is_on_time,
        is_accepted
    from {{ ref('fct_submission_status') }}
    where
        is_expected
        and {{ in_changed_slices() }}
)

select
    dues.province_unit_id,
    units.province_name,
    dues.period,
    periods.period_name_vi,
    periods.period_name_en,
    dues.year,
    dues.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    forms.domain,
    min(dues.due_on) as due_on,
    bool_or(dues.is_form_in_use) as is_form_in_use,
    count(*)::integer as units_expected,
    count(*) filter (where dues.is_received)::integer as units_received,
    count(*) filter (where dues.is_on_time)::integer as units_on_time,
    count(*) filter (where dues.is_accepted)::integer as units_accepted,
    round(100.0 * count(*) filter (where dues.is_received) / count(*), 1) as received_pct,
    round(100.0 * count(*) filter (where dues.is_on_time) / count(*), 1) as on_time_pct,
    round(100.0 * count(*) filter (where dues.is_accepted) / count(*), 1) as accepted_pct,
    count(*) = count(*) filter (where dues.is_accepted) as is_complete,
    coalesce(
        string_agg(units.unit_name, '; ' order by units.unit_sort_key, dues.unit_id)
        filter (where not dues.is_received),
        ''
    ) as units_not_received,
    coalesce(
        string_agg(units.unit_name, '; ' order by units.unit_sort_key, dues.unit_id)
        filter (where dues.is_received and not dues.is_accepted),
        ''
    ) as units_not_accepted
from dues
inner join {{ ref('dim_period') }} as periods
    on dues.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'dues.unit_id', or_nearest=true) }}
left join {{ ref('dim_form') }} as forms
    on dues.form_code = forms.form_code
group by
    dues.province_unit_id,
    units.province_name,
    dues.period,
    periods.period_name_vi,
    periods.period_name_en,
    dues.year,
    dues.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    forms.domain
