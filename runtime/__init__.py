"""What the system runs on: settings, the database, its migrations, Airflow's processes."""
