"""Run by Alembic, on the connection that `strongroom.vault.migrate` gave."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext

from strongroom.vault.utc import UtcDateTime


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Migrations name plain types: they must run when today's code is gone."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def plain(_: MigrationContext, __: Any, directives: list[MigrationScript]) -> None:
    """How a table is guarded is said where it is declared, not in its migration."""
    for script in directives:
        for operation in script.upgrade_ops.ops if script.upgrade_ops else ():
            if isinstance(operation, CreateTableOp):
                operation.info = {}


given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given["metadata"],
    render_as_batch=True,
    render_item=render,
    process_revision_directives=plain,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
