{{ fact_history_of(ref('fct_social_protection_payment'), ref('fct_superseded'), 'fct_social_protection_payment') }}
