"""One message to many clients, from a file."""

from hashlib import sha256
from pathlib import Path

import click

from portal.access import Viewer
from tasks.cli.running import quiet, say_refusals

COMMAND_LINE = Viewer.portal("command line")
EVERYBODY = "everybody"
TOPICS = ("appointments", "billing", "care", "other")
TEXT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--by", required=True, metavar="EMAIL", help="Who writes it: staff who may announce, by their sign-in.")
@click.option("--subject", required=True)
@click.option("--file", "text", required=True, type=TEXT_FILE, help="The message, plain text in UTF-8.")
@click.option("--subject-es", default="", help="In Spanish, for whoever reads the portal in Spanish.")
@click.option("--file-es", "text_es", type=TEXT_FILE, help="The same in Spanish.")
@click.option(
    "--audience", default=EVERYBODY, show_default=True, help="Or the name of a clinician: their clients get it."
)
@click.option("--topic", type=click.Choice(TOPICS), default="other", show_default=True, help="Who reads the answers.")
@click.option("--no-replies", is_flag=True, help="Clients cannot answer it.")
@click.option("--yes", is_flag=True, help="Send it without asking.")
def announce(
    by: str,
    subject: str,
    text: Path,
    subject_es: str,
    text_es: Path | None,
    audience: str,
    topic: str,
    no_replies: bool,
    yes: bool,
) -> None:
    """Send one message to many clients, each in a conversation of their own.

    Says first what it will do. The worker sends it; the same words to the same clients on one day are sent once.
    """
    quiet()
    typed = {
        "subject": subject,
        "body": _read(text),
        "subject_es": subject_es,
        "body_es": _read(text_es) if text_es else "",
        "topic": topic,
        "may_reply": "no" if no_replies else "yes",
    }
    announcement_id, seen, plan = say_refusals(lambda: _write(by, audience, typed))
    click.echo(plan)
    if seen is None:
        return
    if not yes:
        click.confirm("Send it?", abort=True)
    say_refusals(lambda: _send(by, announcement_id, seen))
    click.echo(f"It is on its way: /staff/announcements/{announcement_id} says how far.")


async def _write(by: str, audience: str, typed: dict[str, str]) -> tuple[int, str | None, str]:
    """The announcement, what was seen of it (nothing, where it is sent already), and what is going to happen."""
    from portal import clock
    from portal.announcements import forms
    from portal.announcements.actions import writing
    from portal.announcements.queries import announcements, writers
    from portal.announcements.queries import audience as audiences
    from portal.practice import queries as practices
    from portal.refusal import Refused
    from portal.web.form import Form

    writer = await writers.by_email(COMMAND_LINE, by)
    clinicians = await practices.clinicians_with_clients(COMMAND_LINE)
    chosen = next((one.id for one in clinicians if one.name.casefold() == audience.strip().casefold()), None)
    if audience != EVERYBODY and chosen is None:
        known = "; ".join(one.name for one in clinicians) or "none has clients"
        raise Refused(audience=f"There is no such clinician. Choose “{EVERYBODY}” or one of: {known}")
    today = clock.today((await practices.practice(COMMAND_LINE)).time_zone)
    key = sha256(repr((sorted(typed.items()), chosen, today)).encode()).hexdigest()[:40]
    told = {**typed, "audience": "clinician" if chosen else EVERYBODY, "clinician": chosen, "key": key}
    announcement_id = await writing.write(writer, forms.read(Form.of(**told), writer, clinicians))
    found = await announcements.announcement(writer, announcement_id)
    if not found.is_draft:
        return announcement_id, None, f"This was sent today already, to {found.total} clients. Nothing was done."
    size = await audiences.size(writer, chosen)
    clients = f"{size.clients} client{'' if size.clients == 1 else 's'}"
    lines = [
        f"From {writer.name} to {clients} ({audience}), of whom {size.in_spanish} read in Spanish"
        + ("." if found.body_es or not size.in_spanish else " and get the English words."),
        f"Answers: {typed['topic']}." if found.may_reply else "Clients cannot answer it.",
        *(f"\n{subject}\n{text}" for _, subject, text in found.texts),
        "",
    ]
    return announcement_id, found.seen, "\n".join(lines)


async def _send(by: str, announcement_id: int, seen: str) -> None:
    from portal.announcements.actions import writing
    from portal.announcements.queries import writers

    await writing.send(await writers.by_email(COMMAND_LINE, by), announcement_id, seen)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is not plain text in UTF-8.") from None
