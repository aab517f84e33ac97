-- Every term of a denominator is in the catalogue.
select
    indicators.indicator_code,
    terms.term_code
from {{ ref('stg_catalogue__indicator') }} as indicators
cross join unnest(string_to_array(indicators.denominator, ' + ')) as terms (term_code)
left join {{ ref('stg_catalogue__indicator') }} as found
    on terms.term_code = found.indicator_code
where found.indicator_code is null
