"""The demo practice, and as many invented clients as a measurement needs. Deterministic: the same people each time."""

import asyncio
import random
from datetime import date, timedelta

import click

from tasks.cli.running import quiet, run

GIVEN_NAMES = """
Ada Ben Carla Dion Elena Farid Grace Hugo Ivy Jamal Keiko Luis Mona
Nils Olga Pavel Quinn Rita Sven Tara Umar Vera Will Xenia Yara Zane
"""
FAMILY_NAMES = """
Abbott Becker Castillo Duarte Ellison Fischer Gomez Haddad Ibrahim Jansen Kowalski Lopez Murphy
Nakamura Osei Petrov Quintana Rossi Suzuki Tran Ueda Vargas Weber Xu Young Zapata
"""
GIVEN, FAMILY = GIVEN_NAMES.split(), FAMILY_NAMES.split()


@click.command()
@click.option(
    "--clients", type=click.IntRange(min=0), default=0, help="This many invented clients more, for measurements."
)
def seed(clients: int) -> None:
    """Fill an empty portal with the demo practice; safe to call again."""
    quiet()

    async def work() -> str:
        said = await _demo()
        if clients:
            await crowd(clients)
            said += f" {clients} invented clients were added."
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
    from portal.database import transaction
    from portal.practice.tables import Practice
    from tasks import demo

    if await Practice.exists():
        return "There is a practice already: it was left as it is."
    async with transaction():
        await demo.fill()
    return f"{demo.PRACTICE['name']} is ready, with {len(demo.CLIENTS)} clients."


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
