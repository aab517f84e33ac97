"""Airflow: its configuration, its API, its alerts."""
