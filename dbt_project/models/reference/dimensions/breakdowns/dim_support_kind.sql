{{ config(tags=['static']) }}
{{ breakdown_dimension('support_kind') }}
