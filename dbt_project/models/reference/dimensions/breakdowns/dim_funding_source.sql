{{ config(tags=['static']) }}
{{ breakdown_dimension('funding_source') }}
