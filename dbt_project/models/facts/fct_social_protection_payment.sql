{{ fact('fct_social_protection_payment') }}
