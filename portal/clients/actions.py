"""Charts are added and kept findable."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from portal import audit, clock
from portal.access import NotFoundException, Permission, Viewer
from portal.clients import queries
from portal.clients.names import folded, search_terms
from portal.clients.tables import Client, ClientEmail, EmailKind
from portal.database import fetch, refusing, savepoint, transaction
from portal.language import lazy
from portal.refusal import Refused


async def add_client(
    viewer: Viewer,
    given_name: str,
    family_name: str,
    birth_date: date | None,
    *,
    principal_clinician: int | None = None,
    email: str = "",
    **more: Any,
) -> Client:
    """A new chart with the next chart number, findable at once."""
    viewer.must(Permission.CLIENT_ADD)
    if birth_date and not date(1880, 1, 1) < birth_date <= clock.now().date():
        raise Refused(birth_date=lazy("Check the year of the date of birth"))
    async with transaction():
        number = (await fetch("SELECT nextval('chart_number') AS number"))[0]["number"]
        client = Client(
            chart_number=str(number),
            given_name=given_name,
            family_name=family_name,
            family_key=folded(family_name)[:100],
            given_key=folded(given_name)[:200],
            birth_date=birth_date,
            principal_clinician=principal_clinician,
            created_at=clock.now(),
            **more,
        )
        await client.save()
        await audit.record(viewer, "client.added", client_id=client.id)
        if email:
            await add_email(viewer, client.id, email, EmailKind.PERSONAL)
        await reindex([client.id])
    return client


async def same_person(viewer: Viewer, family_name: str, birth_date: date) -> Client | None:
    """A chart with this last name and birth date, so that nobody is entered twice unawares."""
    viewer.must(Permission.CLIENT_ADD)
    return (
        await Client.objects()
        .where(viewer.reaches(Client), Client.family_key == folded(family_name), Client.birth_date == birth_date)
        .first()
    )


async def add_email(viewer: Viewer, client_id: int, address: str, kind: EmailKind) -> ClientEmail:
    """`address` is normalized already; its key is compared without case."""
    viewer.must(Permission.CLIENT_EDIT)
    await queries.client(viewer, client_id)
    email = ClientEmail(
        client=client_id, kind=kind, address=address, address_key=address.casefold(), added_at=clock.now()
    )
    async with transaction():
        with refusing(client_email_once=Refused(address=lazy("This address is on the chart already"))):
            await email.save()
        await reindex([client_id])
        await audit.record(viewer, "client_email.added", client_id=client_id, subject_id=email.id)
    return email


async def keep_email(viewer: Viewer, client_id: int, address: str) -> None:
    """An address that was used and is not on the chart yet goes there; one that is there stays as it is."""
    try:
        async with savepoint():
            await add_email(viewer, client_id, address, EmailKind.PERSONAL)
    except Refused:
        return


async def remove_email(viewer: Viewer, client_id: int, email_id: int) -> None:
    viewer.must(Permission.CLIENT_EDIT)
    async with transaction():
        gone = await (
            ClientEmail.delete()
            .where(viewer.reaches(ClientEmail), ClientEmail.client == client_id, ClientEmail.id == email_id)
            .returning(ClientEmail.id)
        )
        if not gone:
            raise NotFoundException
        await reindex([client_id])
        await audit.record(viewer, "client_email.removed", client_id=client_id, subject_id=email_id)


async def reindex(client_ids: Sequence[int]) -> None:
    """After a change of names, numbers, e-mails or birth date: what sorts and what finds these clients."""
    rows = await fetch(
        "SELECT c.id, c.given_name, c.middle_name, c.family_name, c.preferred_name, c.chart_number, c.record_number,"
        " c.birth_date, array_remove(array_agg(e.address_key), NULL) AS emails FROM client c"
        " LEFT JOIN client_email e ON e.client = c.id WHERE c.id = ANY({}::bigint[]) GROUP BY c.id",
        list(client_ids),
    )
    found = []
    for row in rows:
        names = [row["given_name"], row["middle_name"], row["family_name"], row["preferred_name"]]
        terms = search_terms(names, [row["chart_number"], row["record_number"]], row["emails"], row["birth_date"])
        family, given = folded(row["family_name"])[:100], folded(f"{row['given_name']} {row['middle_name']}")[:200]
        found.append((row["id"], family, given, " ".join(_lexeme(term) for term in terms)))
    await fetch(
        "UPDATE client SET family_key = new.family, given_key = new.given, search = new.terms::tsvector"
        " FROM unnest({}::bigint[], {}::text[], {}::text[], {}::text[]) AS new(id, family, given, terms)"
        " WHERE client.id = new.id",
        *(list(column) for column in zip(*found, strict=True)) if found else ([], [], [], []),
    )


def _lexeme(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
