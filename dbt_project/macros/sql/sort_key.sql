{% macro sort_key(name) -%}
    {#- Every letter becomes two ASCII letters (a aa, ă ab, â ac, d da, đ db, ...), tones follow as
        digits, numbers get two digits. Digits and lower-case letters sort alike in every collation. -#}
    {%- set toned = {
        '1': 'àằầèềìòồờùừỳ', '2': 'ảẳẩẻểỉỏổởủửỷ', '3': 'ãẵẫẽễĩõỗỡũữỹ', '4': 'áắấéếíóốớúứý', '5': 'ạặậẹệịọộợụựỵ',
    } -%}
    {%- set letters = 'aăâeêioôơuưy' -%}
    {%- set specials = {'ă': 'ab', 'â': 'ac', 'đ': 'db', 'ê': 'eb', 'ô': 'ob', 'ơ': 'oc', 'ư': 'ub'} -%}
    {#- lower() leaves accented letters alone where the database's locale is C. -#}
    {%- set accented = (toned.values() | join) ~ (specials | join) -%}
    {%- set lowered = "translate(lower(normalize(" ~ name ~ ", nfc)), '" ~ accented.upper() ~ "', '" ~ accented ~ "')" -%}
    {%- set plain = "translate(" ~ lowered ~ ", '" ~ (toned.values() | join) ~ "', '" ~ (letters * 5) ~ "')" -%}
    {%- set numbered = "regexp_replace(" ~ plain ~ ", '(^|\\D)(\\d)(?=\\D|$)', '\\10\\2', 'g')" -%}
    {%- set key = namespace(value="regexp_replace(" ~ numbered ~ ", '([a-z])', '\\1a', 'g')") -%}
    {%- for letter, code in specials.items() -%}
        {%- set key.value = "replace(" ~ key.value ~ ", '" ~ letter ~ "', '" ~ code ~ "')" -%}
    {%- endfor -%}
    {%- set tones = namespace(digits='') -%}
    {%- for digit, vowels in toned.items() -%}
        {%- set tones.digits = tones.digits ~ (digit * (vowels | length)) -%}
    {%- endfor -%}
    regexp_replace({{ key.value }}, '[^a-z0-9]+', '0', 'g') || '00'
    || regexp_replace(translate({{ lowered }}, '{{ toned.values() | join }}', '{{ tones.digits }}'), '[^1-5]', '0', 'g')
{%- endmacro %}
