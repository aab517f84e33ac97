{{ config(tags=['static']) }}
{{ breakdown_dimension('occasion') }}
