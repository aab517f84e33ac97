-- Every period in use, and all months, quarters, halves and years of the range that dim_period always holds.
with used as (
    select period from {{ ref('int_periods__used') }}
    union
    select distinct period from {{ ref('stg_registry__submission') }}
    where {{ is_period('period') }}
    union
    select distinct period from {{ ref('stg_registry__calendar') }}
),

years as (
    select generate_series({{ var('first_year') }}, {{ var('last_year') }}) as year
    union
    select generate_series(left(period, 4)::integer - 1, right(split_part(period, '/', 2), 4)::integer) as year
    from used
    where period like '%/%'
    union
    select left(used.period, 4)::integer + offsets.years as year
    from used
    cross join (values (-1), (0), (1)) as offsets (years)
    where used.period not like '%/%'
),

parts as (
    select
        suffix,
        kind,
        first_month,
        last_month
    from (
        values
        ('', 'year', 1, 12),
        ('-S1', 'half', 1, 6),
        ('-S2', 'half', 7, 12),
        ('-Q1', 'quarter', 1, 3),
        ('-Q2', 'quarter', 4, 6),
        ('-Q3', 'quarter', 7, 9),
        ('-Q4', 'quarter', 10, 12)
    ) as named (suffix, kind, first_month, last_month)
    union all
    select
        '-' || lpad(month::text, 2, '0') as suffix,
        'month' as kind,
        month as first_month,
        month as last_month
    from generate_series(1, 12) as month
),

regular as (
    select
        lpad(years.year::text, 4, '0') || parts.suffix as period,
        parts.kind,
        years.year as first_year,
        years.year,
        parts.first_month,
        parts.last_month,
        lpad((years.year - 1)::text, 4, '0') || parts.suffix as prior_year_period,
        case parts.kind
            when 'year' then 'Năm ' || years.year
            when 'half'
                then case parts.first_month when 1 then '6 tháng đầu năm ' else '6 tháng cuối năm ' end || years.year
            when 'quarter' then 'Quý ' || (array['I', 'II', 'III', 'IV'])[parts.last_month / 3] || ' năm ' || years.year
            else 'Tháng ' || parts.first_month || ' năm ' || years.year
        end as period_name_vi,
        case parts.kind
            when 'year' then years.year::text
            when 'half'
                then case parts.first_month when 1 then 'First half of ' else 'Second half of ' end || years.year
            when 'quarter' then 'Q' || (parts.last_month / 3) || ' ' || years.year
            else to_char(make_date(2000, parts.first_month, 1), 'FMMonth') || ' ' || years.year
        end as period_name_en
    from years
    cross join parts
),

spans as (
    select
        period,
        'span' as kind,
        left(period, 4)::integer as first_year,
        right(period, 4)::integer as year,
        1 as first_month,
        12 as last_month,
        null::text as prior_year_period,
        'Giai đoạn ' || replace(period, '/', '-') as period_name_vi,
        replace(period, '/', '-') as period_name_en
    from used
    where period like '%/%'
),

periods as (
    select * from regular
    union all
    select * from spans
)

select
    period,
    kind as period_kind,
    make_date(first_year, first_month, 1) as first_day,
    (make_date(year, last_month, 1) + interval '1 month - 1 day')::date as last_day,
    first_year,
    year,
    first_month,
    last_month,
    case when kind in ('month', 'quarter') then (last_month + 2) / 3 end as quarter,
    prior_year_period,
    period_name_vi,
    period_name_en,
    -- By last day; of two periods that end together the shorter one first.
    (year * 100 + last_month) * 10
    + case kind when 'month' then 1 when 'quarter' then 2 when 'half' then 3 when 'year' then 4 else 5 end as sort_order
from periods
