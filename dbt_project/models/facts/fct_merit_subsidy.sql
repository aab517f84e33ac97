{{ fact('fct_merit_subsidy') }}
