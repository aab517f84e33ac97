{{ config(tags=['static']) }}
{{ breakdown_dimension('payment_method') }}
