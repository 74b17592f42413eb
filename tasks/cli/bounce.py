"""What a mail server says of a letter after it took it."""

import sys
from email import message_from_binary_file, policy
from email.message import EmailMessage
from typing import Any

import click

from portal.access import Viewer
from tasks.cli.running import quiet, run


@click.command()
def bounce() -> None:
    """Read a delivery status notification from standard input and mark its letter as bounced.

    For the mail server's pipe: the mailbox that MAIL_FROM names hands each answer to this command. The chart then shows
    “Bounced”, and staff find it in their queue.
    """
    quiet()
    told = message_from_binary_file(sys.stdin.buffer, _class=EmailMessage, policy=policy.default)
    message_id = original_id(told)
    if message_id is None:
        raise click.ClickException("This is no delivery status notification that names a failed letter.")

    async def work() -> bool:
        from portal import consequences
        from portal.database import transaction
        from portal.letters import actions

        async with transaction():
            letter = await actions.bounce(Viewer.portal("bounce"), message_id)
            if letter is not None:
                await consequences.alarm_about_letter(letter)
        return letter is not None

    if not run(work):
        raise click.ClickException("No letter of this portal has that Message-ID.")
    click.echo("Marked as bounced.")


def original_id(told: EmailMessage) -> str | None:
    """The Message-ID of the letter that failed for good (RFC 3464); None for a delay, or any other mail."""
    has_failed, message_id = False, None
    part: Any
    for part in told.walk():
        if part.get_content_type() == "message/delivery-status":
            reports = part.get_payload()
            assert isinstance(reports, list)
            has_failed |= any(str(one["Action"]).strip().lower() == "failed" for one in reports)
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            original = part.get_payload()
            found = original[0]["Message-ID"] if isinstance(original, list) else _header(str(original))
            message_id = str(found).strip() if found else message_id
    return message_id if has_failed else None


def _header(text: str) -> str | None:
    lines = (line for line in text.splitlines() if line.lower().startswith("message-id:"))
    return next((line.partition(":")[2].strip() for line in lines), None)
