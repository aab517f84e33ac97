-- Ephemeral: pseudonyms are in no relation but staging's own.
{{ config(materialized='ephemeral') }}
select
    submission_id,
    line_number,
    ref,
    unit_id,
    period,
    key_id,
    person_hash,
    identity_hash,
    category_code,
    coalesce(months, 1) as months,
    coalesce(arrears_vnd, 0) as arrears_vnd,
    amount_vnd
from {{ source('submissions', 'payment_line') }}
