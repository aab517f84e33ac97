-- depends_on: {{ ref('int_submissions__changed') }}, {{ ref('int_slices__changed') }}
{{ fact('fct_deprivation') }}
