"""Warehouses for the tests of dbt's models."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.hand_made import Warehouse, prepare


@pytest.fixture
def warehouse(database: Any) -> Warehouse:
    """An empty warehouse for one test."""
    return prepare(database.url)


@pytest.fixture(scope="module")
def module_warehouse(module_database: Any) -> Warehouse:
    """An empty warehouse for the tests of one module."""
    return prepare(module_database.url)
