"""Updates an asset."""

from __future__ import annotations

from airflow.sdk import Asset, dag, task


@dag(schedule=None)
def produce():
    """One task that tells of an asset, and returns something."""

    @task(outlets=[Asset(name="product")])
    def make() -> dict[str, list[str]]:
        return {"files": ["a", "b"]}

    make()


produce()
