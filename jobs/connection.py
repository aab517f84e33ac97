"""A connection for the length of a job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

    from runtime.warehouse.connect import Role


@contextmanager
def connected(role: Role | None) -> Iterator[Connection]:
    """A connection under a role, outside any transaction; closed at the end."""
    from runtime.warehouse.connect import connect

    connection = connect(role)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()
