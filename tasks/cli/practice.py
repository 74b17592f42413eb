"""The practice's own facts, and what it has chosen."""

import json
from collections.abc import Collection
from dataclasses import asdict

import click

from portal.access import Viewer
from tasks.cli.running import quiet, run, say_refusals

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
    "legal_name",
    "tax_id",
    "npi",
)
COMMAND_LINE = Viewer.portal("command line")


@click.group()
def practice() -> None:
    """What every page and letter says of the practice, and what the practice has chosen."""


@practice.command("set")
@click.argument("facts", nargs=-1, required=True, metavar="NAME=VALUE…")
def set_facts(facts: tuple[str, ...]) -> None:
    """Change facts, for example `portal practice set phone=+14435550142 time_zone=America/New_York`.

    Names: name, sender_name, sender_name_es (who letters come from), phone (E.164), email, street, city, state,
    postal_code, time_zone, hours_en, hours_es, context_words (words that passwords may not be made of), legal_name,
    tax_id (EIN), npi (of the group), which stand on invoices and superbills; and the settings, whose names have a dot:
    `portal practice settings` lists them.
    """
    quiet()
    told = _pairs(facts)
    chosen = {name: value for name, value in told.items() if "." in name}
    plain = {name: value for name, value in told.items() if name not in chosen}
    _must_be_known(plain, FACTS)
    if chosen:
        _must_be_choices(chosen, _switches())

    async def work() -> None:
        from portal.database import transaction
        from portal.practice import queries, switches
        from portal.practice.actions import set_up

        async with transaction():
            if plain:
                await set_up(COMMAND_LINE, **plain)
            if chosen:
                await switches.turn_all(COMMAND_LINE, chosen)
        queries.forget()

    say_refusals(work)
    click.echo(f"Changed: {', '.join(sorted(told))}.")


@practice.command("settings")
@click.option("--json", "as_json", is_flag=True)
def settings(as_json: bool) -> None:
    """Every setting with its value and its choices."""
    quiet()
    names = _switches()

    async def work() -> dict[str, str]:
        from portal.practice import switches

        return await switches.values(COMMAND_LINE)

    present = run(work)
    if as_json:
        told = [{"name": name, "value": present[name], "choices": choices} for name, choices in names.items()]
        click.echo(json.dumps(told))
    else:
        for name, choices in names.items():
            click.echo(f"{name}={present[name]}  ({', '.join(choices) or 'words of your own'})")


@practice.command("offices")
@click.option("--json", "as_json", is_flag=True)
def offices(as_json: bool) -> None:
    """The places at which clients are seen."""
    quiet()

    async def work() -> list[dict[str, object]]:
        from portal.practice import sites

        return [asdict(one) for one in await sites.sites(COMMAND_LINE)]

    found = run(work)
    if as_json:
        click.echo(json.dumps(found))
    for one in found if not as_json else ():
        click.echo(f"{one['id']}  {one['name']}  {one['time_zone'] or '-'}{'' if one['is_active'] else '  (closed)'}")


@practice.command("office")
@click.argument("facts", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.option("--id", "site_id", type=int, help="Change this office instead of adding one.")
def office(facts: tuple[str, ...], site_id: int | None) -> None:
    """Add an office, for example `portal practice office name=Annapolis city=Annapolis state=MD`.

    Names: name, street, city, state, postal_code, phone (E.164), time_zone (IANA; empty is the practice's).
    """
    quiet()
    told = _pairs(facts)

    async def work() -> int:
        from portal.practice import sites

        _must_be_known(told, sites.FACTS)
        kept = await sites.site(COMMAND_LINE, site_id) if site_id else None
        before = {name: getattr(kept, name) for name in sites.FACTS} if kept else {}
        return await sites.save(COMMAND_LINE, site_id, before | told)

    click.echo(f"Office {say_refusals(work)}.")


@practice.command("notices")
@click.argument("rules", nargs=-1, metavar="[KIND=WHO,WHEN…]")
@click.option("--json", "as_json", is_flag=True)
def notices(rules: tuple[str, ...], as_json: bool) -> None:
    """Who of the staff gets a letter about what waits for review; with KIND=WHO,WHEN this is changed first.

    For example `portal practice notices letter.failed=administrator,daily`.
    """
    quiet()
    _load_features()

    async def work() -> list[dict[str, object]]:
        from portal.notifications.actions import choose_notices
        from portal.notifications.queries.told import notices as found
        from portal.notifications.rules import Rule

        chosen = {kind: Rule(*map(str.strip, rule.partition(",")[::2])) for kind, rule in _pairs(rules).items()}
        _must_be_known(chosen, [one.kind.name for one in await found(COMMAND_LINE)])
        await choose_notices(COMMAND_LINE, chosen)
        return [
            {
                "kind": one.kind.name,
                "who": str(one.rule.audience),
                "when": one.rule.timing,
                "who_choices": [str(name) for name in one.audiences],
                "when_choices": list(one.timings),
            }
            for one in await found(COMMAND_LINE)
        ]

    told = say_refusals(work)
    if as_json:
        click.echo(json.dumps(told))
    else:
        for one in told:
            click.echo(f"{one['kind']}={one['who']},{one['when']}")


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    return dict(word.partition("=")[::2] for word in words)


def _must_be_known(told: Collection[str], known: Collection[str]) -> None:
    strange = sorted(set(told) - set(known))
    if strange:
        raise click.ClickException(f"unknown: {', '.join(strange)}. Known: {', '.join(known)}")


def _must_be_choices(chosen: dict[str, str], switches: dict[str, tuple[str, ...]]) -> None:
    _must_be_known(chosen, switches)
    for name, value in chosen.items():
        if switches[name] and value not in switches[name]:
            raise click.ClickException(f"{name}: choose one of {', '.join(switches[name])}")


def _switches() -> dict[str, tuple[str, ...]]:
    _load_features()
    from portal.practice.switches import SWITCHES

    return {name: switch.values for name, switch in SWITCHES.items()}


def _load_features() -> None:
    """Each declares its settings when it is imported; the list of all features is the app's."""
    import portal.app  # noqa: F401
