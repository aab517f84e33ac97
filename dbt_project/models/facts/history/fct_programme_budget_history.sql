{{ fact_history_of(ref('fct_programme_budget'), ref('fct_superseded'), 'fct_programme_budget') }}
