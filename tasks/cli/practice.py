"""The practice's own facts."""

import click

from portal.access import Viewer
from tasks.cli.running import quiet, say_refusals

FACTS = (
    "name",
    "sender_name",
    "sender_name_es",
    "phone",
    "email",
    "street",
    "city",
    "state",
    "postal_code",
    "time_zone",
    "hours_en",
    "hours_es",
    "context_words",
)


@click.group()
def practice() -> None:
    """What every page and letter says of the practice."""


@practice.command("set")
@click.argument("facts", nargs=-1, required=True, metavar="NAME=VALUE…")
def set_facts(facts: tuple[str, ...]) -> None:
    """Change facts, for example `portal practice set phone=+14435550142 time_zone=America/New_York`.

    Names: name, sender_name, sender_name_es (who letters come from), phone (E.164), email, street, city, state,
    postal_code, time_zone, hours_en, hours_es, context_words (words that passwords may not be made of).
    """
    quiet()
    told = dict(fact.partition("=")[::2] for fact in facts)
    strange = sorted(set(told) - set(FACTS))
    if strange:
        raise click.ClickException(f"unknown: {', '.join(strange)}. Known: {', '.join(FACTS)}")

    async def work() -> None:
        from portal.practice.actions import set_up

        await set_up(Viewer.portal("command line"), **told)

    say_refusals(work)
    click.echo(f"Changed: {', '.join(sorted(told))}.")
