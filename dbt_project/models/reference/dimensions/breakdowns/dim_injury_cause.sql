{{ config(tags=['static']) }}
{{ breakdown_dimension('injury_cause') }}
