-- Which counts, and which money, of a year are not published, so that no count of a few people can be read or worked
-- out from the others. Blocks are hidden from the whole down to three code lists at once: what adds up to a hidden
-- block is hidden with it, and the loop below repeats one rule for each depth. The rule and its reasons:
-- docs/decisions/0003-small-counts.md.
{{
    config(
        meta={'slice': {'kind': 'province_two_years', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
{%- set block = ['province_unit_id', 'year', 'indicator_code', 'list_names'] -%}
{%- set most_lists = 3 -%}
with figures as (
    select
        province_unit_id,
        unit_id,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_figures__of_all') }}
    where
        period_kind = 'year'
        and value is not null
        and {{ in_changed_slices(period='period') }}
),

described as (
    select
        figures.*,
        breakdowns.list_names,
        indicators.fact,
        indicators.unit_of_measure in ({{ "'" ~ var('small_count_units') | join("', '") ~ "'" }}) as is_count,
        indicators.unit_of_measure = 'vnd' as is_money,
        indicators.measure_type = 'change' as is_change
    from figures
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on figures.indicator_code = indicators.indicator_code
    inner join {{ ref('int_breakdowns__named') }} as breakdowns
        on figures.breakdown = breakdowns.breakdown
),

-- What is paid to a few tells how many they are: their legal rates are known.
paid_to_few as (
    select distinct
        unit_id,
        year,
        fact,
        breakdown
    from described
    where is_count and not is_change and value > 0 and value < {{ var('small_count_threshold') }}
),

cells as (
    select
        described.*,
        paid_to_few.unit_id is not null
        and (described.is_money or (described.value > 0 and described.value < {{ var('small_count_threshold') }}))
            as is_small
    from described
    left join paid_to_few
        on
            described.unit_id = paid_to_few.unit_id
            and described.year = paid_to_few.year
            and described.fact = paid_to_few.fact
            and described.breakdown = paid_to_few.breakdown
    where (described.is_count or described.is_money) and not described.is_change
),

-- A block is one unit's figures of an indicator and a year by one set of code lists; the whole is the empty set. It is
-- published whole or not at all, so that a total never leaves over the one part that is hidden.
blocks as (
    select
        {{ block | join(', ') }},
        unit_id,
        unit_id = province_unit_id as is_province,
        coalesce(cardinality(string_to_array(nullif(list_names, ''), ';')), 0) as lists,
        bool_or(is_small) as is_small,
        sum(abs(value)) as size
    from cells
    group by {{ block | join(', ') }}, unit_id
),

{% for lists in range(most_lists + 1) -%}
    {% if lists > 0 -%}
        -- What would add up to a block that is hidden already.
        adding_up_{{ lists }} as (
            select distinct
                blocks.unit_id,
                blocks.year,
                blocks.indicator_code,
                blocks.list_names
            from blocks
            inner join hidden_{{ lists - 1 }} as hidden
                on
                    blocks.unit_id = hidden.unit_id
                    and blocks.year = hidden.year
                    and blocks.indicator_code = hidden.indicator_code
            where
                blocks.lists {{ '>=' if lists == most_lists else '=' }} {{ lists }}
                -- The whole is the empty set of lists, and part of every other.
                and string_to_array(hidden.list_names, ';') <@ string_to_array(blocks.list_names, ';')
        ),

    {% endif -%}
    needed_{{ lists }} as (
        select
            blocks.*,
            blocks.is_small
            {%- if lists > 0 %} or adding_up.unit_id is not null{% endif %} as is_needed
        from blocks
        {% if lists > 0 -%}
            left join adding_up_{{ lists }} as adding_up
                on
                    blocks.unit_id = adding_up.unit_id
                    and blocks.year = adding_up.year
                    and blocks.indicator_code = adding_up.indicator_code
                    and blocks.list_names = adding_up.list_names
        {%- endif %}
        where blocks.lists {{ '>=' if lists == most_lists else '=' }} {{ lists }}
    ),

    -- The smallest of the others are hidden first.
    ranked_{{ lists }} as (
        select
            needed.*,
            row_number() over (
                partition by {{ block | join(', ') }}
                order by needed.is_province, needed.is_needed desc, needed.size, needed.unit_id
            ) as place,
            count(*) filter (where needed.is_needed and not needed.is_province) over (
                partition by {{ block | join(', ') }}
            ) as units_needed,
            bool_or(needed.is_needed and needed.is_province) over (
                partition by {{ block | join(', ') }}
            ) as is_province_needed
        from needed_{{ lists }} as needed
    ),

    -- The province's figure less those of the published units is what the hidden ones add up to.
    summed_{{ lists }} as (
        select
            ranked.province_unit_id,
            ranked.year,
            ranked.indicator_code,
            ranked.list_names,
            ranked.place,
            cells.breakdown,
            sum(cells.value) over (
                partition by
                    ranked.province_unit_id,
                    ranked.year,
                    ranked.indicator_code,
                    ranked.list_names,
                    cells.breakdown
                order by ranked.place
            ) as hidden_value
        from ranked_{{ lists }} as ranked
        inner join cells
            on
                ranked.unit_id = cells.unit_id
                and ranked.year = cells.year
                and ranked.indicator_code = cells.indicator_code
                and ranked.list_names = cells.list_names
        where ranked.units_needed > 0 and not ranked.is_province_needed and not ranked.is_province
    ),

    -- From which place to which that sum would be a small count itself.
    too_small_{{ lists }} as (
        select
            {{ block | join(', ') }},
            breakdown,
            min(place) filter (where hidden_value > 0) as first_place,
            min(place) filter (where hidden_value >= {{ var('small_count_threshold') }}) as first_place_enough
        from summed_{{ lists }}
        group by {{ block | join(', ') }}, breakdown
    ),

    enough_{{ lists }} as (
        select
            ranked.province_unit_id,
            ranked.year,
            ranked.indicator_code,
            ranked.list_names,
            min(ranked.place) as last_hidden
        from ranked_{{ lists }} as ranked
        where
            ranked.units_needed > 0
            and not ranked.is_province_needed
            and not ranked.is_province
            and ranked.place >= greatest(ranked.units_needed, 2)
            and not exists (
                select from too_small_{{ lists }} as too_small
                where
                    ranked.province_unit_id = too_small.province_unit_id
                    and ranked.year = too_small.year
                    and ranked.indicator_code = too_small.indicator_code
                    and ranked.list_names = too_small.list_names
                    and ranked.place >= too_small.first_place
                    and (too_small.first_place_enough is null or ranked.place < too_small.first_place_enough)
            )
        group by
            ranked.province_unit_id,
            ranked.year,
            ranked.indicator_code,
            ranked.list_names
    ),

    hidden_{{ lists }} as (
        select
            ranked.unit_id,
            ranked.year,
            ranked.indicator_code,
            ranked.list_names
        from ranked_{{ lists }} as ranked
        left join enough_{{ lists }} as enough
            on
                ranked.province_unit_id = enough.province_unit_id
                and ranked.year = enough.year
                and ranked.indicator_code = enough.indicator_code
                and ranked.list_names = enough.list_names
        where
            ranked.is_province_needed
            -- Where no number of units is enough all are hidden.
            or (
                ranked.units_needed > 0
                and not ranked.is_province
                and ranked.place <= coalesce(enough.last_hidden, ranked.place)
            )
        {%- if lists > 0 %}
            union
            select * from hidden_{{ lists - 1 }}
        {%- endif %}
    ),

{% endfor -%}
hidden_blocks as (
    select * from hidden_{{ most_lists }}
)

select
    cells.province_unit_id,
    cells.unit_id,
    cells.year,
    cells.indicator_code,
    cells.breakdown
from cells
inner join hidden_blocks
    on
        cells.unit_id = hidden_blocks.unit_id
        and cells.year = hidden_blocks.year
        and cells.indicator_code = hidden_blocks.indicator_code
        and cells.list_names = hidden_blocks.list_names
