"""Text messages: what a carrier hears from those who get them."""

import click

from portal.access import Viewer
from tasks.cli.running import quiet, run


@click.group()
def texts() -> None:
    """Text messages to clients.

    As long as TEXT_CARRIER is `file`, they are written into DATA_DIR/texts and nobody sends them.
    """


@texts.command("stop")
@click.argument("number")
def stop(number: str) -> None:
    """Somebody answered STOP from NUMBER: no client of the practice gets text messages there any more.

    For a carrier's webhook. To call it twice does no harm; the client may agree again in the portal.
    """
    quiet()
    from portal import phones

    read = phones.e164(number)
    if read is None:
        raise click.ClickException("This is no phone number: write it as +14435550142.")

    async def work() -> int:
        from portal.reminders.actions import consent

        return await consent.stop(Viewer.portal("STOP"), read)

    ended = run(work)
    click.echo(f"No more text messages to {read}." if ended else f"Nobody gets text messages at {read}.")
