"""The demo practice, and as many invented clients as a measurement needs. Deterministic: the same people each time."""

import asyncio
import random
from datetime import date, timedelta

import click

from portal.access import Role, Viewer
from tasks.cli.people import DEMO_PASSWORD
from tasks.cli.running import quiet, run

SEED = Viewer.portal("demo data")
ACCOUNTS = [
    ("priya@harborlane.example", "Priya Raman, front desk"),
    ("ngozi@harborlane.example", "Dr. Ngozi Okafor, clinician"),
    ("sam@harborlane.example", "Sam Whitaker, administrator"),
    ("maya.reyes@example.com", "Maya Reyes, a client"),
    ("daniel.karim@example.com", "Daniel Karim, father of two clients"),
]
PRACTICE = {
    "name": "Harbor Lane Counseling",
    "sender_name": "Your client portal",
    "phone": "+14435550142",
    "email": "office@harborlane.example",
    "street": "12 Harbor Lane",
    "city": "Annapolis",
    "state": "MD",
    "postal_code": "21401",
    "time_zone": "America/New_York",
    "hours_en": "Monday to Friday, 8:30 AM to 5:30 PM",
    "hours_es": "De lunes a viernes, de 8:30 a 17:30",
}
CLIENTS = [
    ("Maya", "Reyes", date(1991, 4, 17), "maya.reyes@example.com", ""),
    ("Jonah", "Whitfield", date(1984, 9, 2), "jonah.whitfield@example.com", ""),
    ("Aisha", "Karim", date(2014, 1, 29), "", ""),
    ("Sami", "Karim", date(2016, 6, 11), "", ""),
    ("Tove", "Lindqvist", date(1978, 12, 5), "tove@example.com", ""),
    ("Rosa", "Delgado-Núñez", date(1966, 3, 30), "rosa.delgado@example.com", "Rosita"),
    ("Wei", "Chen", date(1999, 7, 23), "wei.chen@example.com", ""),
    ("Marcus", "O’Neill", date(1972, 2, 14), "marcus.oneill@example.com", ""),
    ("Ines", "Ferreira", date(1988, 10, 8), "", ""),
    ("Gloria", "Baptiste", date(1953, 5, 19), "gloria.baptiste@example.com", ""),
]
GIVEN = [
    "Ada",
    "Ben",
    "Carla",
    "Dion",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Ivy",
    "Jamal",
    "Keiko",
    "Luis",
    "Mona",
    "Nils",
    "Olga",
    "Pavel",
    "Quinn",
    "Rita",
    "Sven",
    "Tara",
    "Umar",
    "Vera",
    "Will",
    "Xenia",
    "Yara",
    "Zane",
]
FAMILY = [
    "Abbott",
    "Becker",
    "Castillo",
    "Duarte",
    "Ellison",
    "Fischer",
    "Gomez",
    "Haddad",
    "Ibrahim",
    "Jansen",
    "Kowalski",
    "Lopez",
    "Murphy",
    "Nakamura",
    "Osei",
    "Petrov",
    "Quintana",
    "Rossi",
    "Suzuki",
    "Tran",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Young",
    "Zapata",
]


@click.command()
@click.option("--clients", type=int, default=0, help="This many invented clients more, for measurements.")
def seed(clients: int) -> None:
    """Fill an empty portal with the demo practice; safe to call again."""
    quiet()

    async def work() -> str:
        said = await _demo()
        if clients:
            await crowd(clients)
        return said

    click.echo(run(work))


def seed_once() -> None:
    """For `portal serve`, where the database is running already."""
    from portal import database

    async def work() -> str:
        async with database.pool(max_size=2):
            return await _demo()

    asyncio.run(work())


async def _demo() -> str:
    from portal.practice.tables import Practice

    if await Practice.exists():
        return "There is a practice already: nothing was changed."
    from portal.database import transaction

    async with transaction():
        await _fill()
    return f"{PRACTICE['name']} is ready, with {len(CLIENTS)} clients."


async def _fill() -> None:
    from portal.accounts.actions.invitation import invite
    from portal.accounts.actions.staff import add_staff
    from portal.accounts.tables import GrantKind
    from portal.clients.actions import add_client
    from portal.practice.actions import add_staff_member, set_up

    await set_up(SEED, **PRACTICE)
    await add_staff(SEED, ACCOUNTS[0][0], DEMO_PASSWORD, "Priya", "Raman", Role.FRONT_DESK)
    okafor = await add_staff(
        SEED,
        ACCOUNTS[1][0],
        DEMO_PASSWORD,
        "Ngozi",
        "Okafor",
        Role.CLINICIAN,
        prefix="Dr.",
        credentials="PsyD",
        is_clinician=True,
    )
    await add_staff(SEED, ACCOUNTS[2][0], DEMO_PASSWORD, "Sam", "Whitaker", Role.ADMINISTRATOR)
    second = await add_staff_member(
        SEED, "Elias", "Brandt", None, prefix="Dr.", credentials="LCSW-C", is_clinician=True
    )
    treats = (okafor.staff_member, second.id)
    charts = [
        await add_client(
            SEED, given, family, born, email=email, preferred_name=called, principal_clinician=treats[place % 2]
        )
        for place, (given, family, born, email, called) in enumerate(CLIENTS)
    ]
    by_name = {chart.given_name: chart for chart in charts}
    await _holder("maya.reyes@example.com", "Maya Reyes", [(by_name["Maya"].id, "self")])
    await _holder(
        "daniel.karim@example.com",
        "Daniel Karim",
        [(by_name["Aisha"].id, "guardian"), (by_name["Sami"].id, "guardian")],
    )
    await invite(SEED, by_name["Jonah"].id, email="jonah.whitfield@example.com", kind=GrantKind.SELF)
    expired = await invite(SEED, by_name["Tove"].id, email="tove@example.com", kind=GrantKind.SELF)
    expired.sent_at, expired.expires_at = expired.sent_at - timedelta(days=9), expired.expires_at - timedelta(days=9)
    await expired.save()


async def _holder(email: str, name: str, reaches: list[tuple[int, str]]) -> None:
    from portal import clock
    from portal.accounts.actions.registration import EVERY_AREA
    from portal.accounts.passwords import hashed
    from portal.accounts.tables import Account, Grant

    now = clock.now()
    account = Account(
        email=email,
        email_key=email,
        name=name,
        password_hash=await hashed(DEMO_PASSWORD),
        password_changed_at=now,
        created_at=now,
    )
    await account.save()
    for client_id, kind in reaches:
        await Grant(account=account.id, client=client_id, kind=kind, areas=EVERY_AREA, starts_at=now).save()


async def crowd(count: int) -> None:
    """Invented clients by the thousand, searchable like the others."""
    from portal import clock
    from portal.clients.actions import reindex
    from portal.clients.tables import Client, ClientEmail
    from portal.database import fetch

    made = random.Random(1)
    now = clock.now()
    for start in range(0, count, 1000):
        size = min(1000, count - start)
        numbers = [
            str(row["number"])
            for row in await fetch("SELECT nextval('chart_number') AS number FROM generate_series(1, {})", size)
        ]
        rows = [
            Client(
                chart_number=number,
                given_name=f"{made.choice(GIVEN)}",
                family_name=f"{made.choice(FAMILY)}-{made.choice(FAMILY)}",
                family_key="",
                given_key="",
                birth_date=date(1940, 1, 1) + timedelta(days=made.randrange(29000)),
                created_at=now,
            )
            for number in numbers
        ]
        ids = [row["id"] for row in await Client.insert(*rows).returning(Client.id)]
        await ClientEmail.insert(
            *(
                ClientEmail(
                    client=one, address=f"c{number}@example.com", address_key=f"c{number}@example.com", added_at=now
                )
                for one, number in zip(ids, numbers, strict=True)
            )
        )
        await reindex(ids)
        click.echo(f"{start + size} of {count} clients", err=True)
    await fetch("ANALYZE client")
