{{ fact_history_of(ref('fct_deprivation'), ref('fct_superseded'), 'fct_deprivation') }}
