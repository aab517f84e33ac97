{{ fact_history_of(ref('fct_poverty_change'), ref('fct_superseded'), 'fct_poverty_change') }}
