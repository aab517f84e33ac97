{{ config(tags=['static']) }}
select
    form_code,
    form_rank,
    source_kind,
    domain,
    form_name_vi,
    form_name_en
from {{ ref('stg_catalogue__form') }}
