{{ provincial_report('year') }}
