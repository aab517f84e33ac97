{{ fact('fct_deprivation') }}
