{{ fact_history_of(ref('fct_employment'), ref('fct_superseded'), 'fct_employment') }}
