{{ config(tags=['static']) }}
{{ breakdown_dimension('fund_year') }}
