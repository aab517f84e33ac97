{{ fact_history_of(ref('fct_merit_subsidy'), ref('fct_superseded'), 'fct_merit_subsidy') }}
