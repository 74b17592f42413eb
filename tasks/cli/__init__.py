"""`portal`, the command line. Each command is loaded when it is called, so that none waits for another's imports."""

import os
from importlib import import_module

import click

COMMANDS = {
    "serve": "serve:serve",
    "web": "serve:web",
    "worker": "serve:worker",
    "migrate": "upkeep:migrate",
    "routes": "upkeep:routes",
    "doctor": "doctor:doctor",
    "keys": "keys:keys",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "audit": "audit:audit",
    "documents": "documents:documents",
    "seed": "seed:seed",
    "demo": "people:demo",
    "staff": "people:staff",
    "client": "people:client",
    "practice": "practice:practice",
    "bounce": "bounce:bounce",
    "texts": "texts:texts",
    "announce": "announcing:announce",
    "away": "away:away",
    "statements": "statements:statements",
    "ledger": "statements:ledger",
    "payments": "payments:payments",
    "import-fhir": "imports:import_fhir",
}


class Lazily(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name].partition(":")
        command = getattr(import_module(f"tasks.cli.{module}"), function)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Lazily)
def main() -> None:
    """The client portal of one practice.

    `portal serve` runs everything; `portal COMMAND --help` tells of each command. Settings come from the
    environment: the table is in README.md.
    """
    os.umask(0o077)
