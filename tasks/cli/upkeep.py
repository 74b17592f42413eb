"""Schema and routes."""

import os

import click

from tasks.cli.running import quiet, run


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    quiet()

    async def work() -> list[str]:
        from portal.database.migrations import migrate as forwards

        return await forwards()

    done = run(work, migrated=False)
    click.echo("\n".join(done) if done else "The database is up to date.")


@click.command()
def routes() -> None:
    """Every route with who may: what tests/routes.txt holds."""
    os.environ.setdefault("PORTAL_MODE", "demo")
    from portal.access import routes as found
    from portal.app import create_app

    for path, methods, name, rule in found(create_app()):
        assert rule is not None
        click.echo(f"{methods:<8} {path:<62} {name:<22} {rule.words}")
