{% macro one_statement_counts() -%}
    {#- The grain that matters, held by the database: of several statements of a quantity one counts. -#}
    do $$
    begin
        if not exists (
            select from pg_index where indrelid = '{{ this }}'::regclass and indisunique and indpred is not null
        ) then
            create unique index on {{ this }} (
                unit_id, period, indicator_code, breakdown, measure, accumulation, issuer
            ) where is_counted;
        end if;
    end
    $$
{%- endmacro %}
