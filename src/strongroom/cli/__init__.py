"""The command line: parses, calls a room, prints. What goes wrong is said on standard error, with exit status 2.

A command's module is imported when the command is called: `strongroom markings` shall not wait for a web server's
libraries.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
import typer.core
import typer.main
from pydantic import ValidationError

from strongroom.errors import StrongroomError

COMMANDS = {
    "init": "strongroom.cli.workspace:init",
    "serve": "strongroom.cli.serve:serve",
    "demo": "strongroom.cli.demo:demo",
    "project": "strongroom.cli.project:app",
    "import": "strongroom.cli.project:import_",
    "export": "strongroom.cli.project:export",
    "status": "strongroom.cli.project:status",
    "people": "strongroom.cli.people:app",
    "database": "strongroom.cli.database:app",
    "backup": "strongroom.cli.backup:backup",
    "restore": "strongroom.cli.backup:restore",
    "drill": "strongroom.cli.backup:drill",
    "verify-separation": "strongroom.cli.separation:verify_separation",
    "audit": "strongroom.cli.audit:app",
    "trace": "strongroom.cli.custody:trace",
    "spill": "strongroom.cli.custody:app",
    "vault": "strongroom.cli.custody:vault",
    "markings": "strongroom.cli.markings:app",
    "quality": "strongroom.cli.quality:app",
    "openapi": "strongroom.cli.serve:openapi",
}


class _WhenCalled(typer.core.TyperGroup):
    """Commands by the name of their module and function (or Typer app, for a group of commands)."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            command = typer.main.get_command(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command


app = typer.Typer(name="strongroom", cls=_WhenCalled, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def strongroom() -> None:
    """Label, adapt, ask and evaluate, where not everyone may see everything."""


def main() -> None:
    """Runs the command line and ends the process."""
    try:
        app()
    except StrongroomError as error:
        mistakes = error.extra.get("errors")
        lines = [f"{each['where']}: {each['why']}" for each in mistakes] if isinstance(mistakes, list) else []
        for line in (error.detail, *lines, error.kept, error.remedy):
            if line:
                typer.echo(line, err=True)
        sys.exit(error.exit_code)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            typer.echo(f"{'.'.join(str(part) for part in mistake['loc'])}: {mistake['msg']}", err=True)
        sys.exit(2)
