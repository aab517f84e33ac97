"""Runs on an asset, and fails."""

from __future__ import annotations

from airflow.sdk import Asset, dag, task


@dag(schedule=[Asset(name="product")])
def consume():
    """One task whose log tells why it failed."""

    @task
    def use() -> None:
        raise ValueError("the product is not as it should be")

    use()


consume()
