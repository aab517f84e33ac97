"""Airflow for the structure tests: a home of its own, set before anything imports Airflow."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="ansinh-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "True"
# Airflow's own processes put the DAG folder there.
sys.path.append(str(Path(__file__).resolve().parents[2] / "dags"))
