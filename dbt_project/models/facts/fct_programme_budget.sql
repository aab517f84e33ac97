{{ fact('fct_programme_budget') }}
