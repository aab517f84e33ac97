"""Alembic's entry: runs migrations in the transaction that `runtime.warehouse.migrate` opened and will end."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="public")
context.run_migrations()
