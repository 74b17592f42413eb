"""Staff, clients and who can sign in to the demo."""

import json

import click

from portal.access import Role, Viewer
from tasks.cli.running import quiet, say_refusals

ADMINISTRATOR = Viewer.portal("command line")


@click.group()
def staff() -> None:
    """Members of staff."""


@staff.command("add")
@click.argument("email")
@click.option("--given", required=True, help="First name.")
@click.option("--family", required=True, help="Last name.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--clinician", is_flag=True, help="Treats clients: can be chosen as principal clinician.")
@click.password_option("--password", envvar="STAFF_PASSWORD", help="Asked for, or from STAFF_PASSWORD.")
def staff_add(email: str, given: str, family: str, role: str, clinician: bool, password: str) -> None:
    """Add a member of staff who signs in with EMAIL."""
    quiet()

    async def work() -> None:
        from portal.accounts.actions.staff import add_staff

        await add_staff(ADMINISTRATOR, email, password, given, family, Role(role), is_clinician=clinician)

    say_refusals(work)
    click.echo(f"{given} {family} ({role}) can sign in with {email}.")


@click.group()
def client() -> None:
    """Clients and their access to the portal."""


@client.command("add")
@click.option("--given", required=True, help="First name.")
@click.option("--family", required=True, help="Last name.")
@click.option("--born", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Date of birth, 1991-04-17.")
@click.option("--email", default="", help="Where an invitation can go.")
@click.option("--json", "as_json", is_flag=True)
def client_add(given: str, family: str, born: object, email: str, as_json: bool) -> None:
    """Add a chart. Nobody is invited."""
    quiet()

    async def work() -> dict[str, object]:
        from portal.clients.actions import add_client
        from portal.clients.forms import email_address

        address = email_address(email) if email else ""
        added = await add_client(ADMINISTRATOR, given, family, born.date(), email=address)  # type: ignore[attr-defined]
        return {"id": added.id, "chart_number": added.chart_number}

    told = say_refusals(work)
    click.echo(json.dumps(told) if as_json else f"Chart {told['chart_number']}: {given} {family}.")


@client.command("invite")
@click.argument("chart_number")
@click.option("--email", default="", help="Instead of the first e-mail of the chart.")
@click.option("--kind", type=click.Choice(["self", "guardian", "proxy"]), default="self", help="Who will hold access.")
@click.option("--holder", default="", help="The name of the guardian or proxy.")
@click.option("--language", type=click.Choice(["en", "es"]), help="Of the letter; else the client's, else English.")
@click.option("--json", "as_json", is_flag=True)
def client_invite(chart_number: str, email: str, kind: str, holder: str, language: str | None, as_json: bool) -> None:
    """Send the client of CHART_NUMBER an invitation; an older one stops working."""
    quiet()

    async def work() -> dict[str, object]:
        from portal.accounts.actions.invitation import activate
        from portal.accounts.tables import GrantKind
        from portal.clients import queries
        from portal.clients.forms import email_address

        found = await queries.by_chart_number(ADMINISTRATOR, chart_number)
        on_chart = await queries.emails(ADMINISTRATOR, found.id)
        address = email_address(email) if email else on_chart[0].address if on_chart else ""
        sent = await activate(
            ADMINISTRATOR,
            found.id,
            email=address,
            kind=GrantKind(kind),
            holder_name=holder,
            language=language or ("es" if found.language.startswith("es") else "en"),
        )
        return {"invitation": sent.id, "printed": not address, "expires_at": sent.expires_at.isoformat()}

    told = say_refusals(work)
    printed = "made: there is no e-mail on the chart, so print it there" if told["printed"] else "on its way"
    click.echo(json.dumps(told) if as_json else f"The invitation is {printed}. It works until {told['expires_at']}.")


@click.group()
def demo() -> None:
    """The demo practice."""


@demo.command("accounts")
def demo_accounts() -> None:
    """Who can sign in to the demo, and with which password."""
    click.echo(demo_accounts_text())


def demo_accounts_text() -> str:
    from tasks.demo import ACCOUNTS, PASSWORD

    lines = [f"  {email:<34} {who}" for email, who in ACCOUNTS]
    return "\n".join([f"Sign in with the password “{PASSWORD}” as", *lines])
