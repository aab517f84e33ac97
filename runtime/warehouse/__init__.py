"""Ways to the warehouse: connections, migrations, dbt, logins of BI tools."""
