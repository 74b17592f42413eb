"""A prepared query is the plain one, built once."""

import asyncio

import pytest

from portal.clients.tables import Client
from portal.database import ENGINE, Prepared, transaction
from tests.factories import a_client, a_practice


@pytest.fixture
async def three(db):
    await a_practice()
    return [await a_client("Maya"), await a_client("Jonah"), await a_client("Maya", "Whitfield")]


async def test_it_finds_the_same_rows_as_the_plain_query(three):
    prepared = Prepared(
        Client.select(Client.id, Client.family_name).where(Client.given_name == "@name").order_by(Client.id), "name"
    )
    for name in ("Maya", "Jonah", "Nobody", "' OR 1=1 --", "", "@name"):
        plain = await Client.select(Client.id, Client.family_name).where(Client.given_name == name).order_by(Client.id)
        assert await prepared(name=name) == plain


async def test_several_arguments_go_where_their_names_are(three):
    query = Client.select(Client.id).where(Client.family_name == "@family", Client.given_name == "@given")
    prepared = Prepared(query, "given", "family")
    assert await prepared(given="Maya", family="Whitfield") == [{"id": three[2].id}]
    assert await prepared(family="Maya", given="Whitfield") == []


async def test_plain_sql_takes_its_arguments_in_the_order_they_are_named(three):
    prepared = Prepared("SELECT $1::text AS a, $2::int AS b", "one", "two")
    assert await prepared(two=2, one="x") == [{"a": "x", "b": 2}]


async def test_it_can_be_asked_many_times_at_once(three):
    prepared = Prepared(Client.select(Client.id).where(Client.given_name == "@name").order_by(Client.id), "name")
    told = await asyncio.gather(*(prepared(name="Maya" if turn % 2 else "Jonah") for turn in range(40)))
    assert [len(rows) for rows in told] == [1, 2] * 20


async def test_inside_a_transaction_it_sees_what_the_transaction_sees(three):
    prepared = Prepared(Client.select(Client.id).where(Client.given_name == "@name"), "name")
    async with transaction():
        await Client.update({Client.given_name: "Renamed"}).where(Client.id == three[0].id)
        assert await prepared(name="Renamed") == [{"id": three[0].id}]


async def test_it_is_one_query(three):
    prepared = Prepared(Client.select(Client.id).where(Client.given_name == "@name"), "name")
    before = ENGINE.queries
    await prepared(name="Maya")
    assert ENGINE.queries == before + 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Client.select().where(Client.given_name == "Maya"), ()),
        (Client.select().where(Client.given_name == "Maya"), ("name",)),
        (Client.select().where(Client.given_name == "@name", Client.family_name == "Reyes"), ("name",)),
        (Client.select().where(Client.given_name == "@name"), ()),
        (Client.select().where(Client.given_name == "@name"), ("name", "other")),
        (Client.select().where(Client.given_name == "name"), ("name",)),
        (Client.select().where(Client.id == 7), ("id",)),
    ],
)
def test_an_argument_that_is_no_placeholder_is_refused(query, names):
    """It would be the first person's, for everybody."""
    with pytest.raises(ValueError, match="placeholder"):
        Prepared(query, *names)


async def test_without_a_value_for_each_it_is_not_asked(three):
    prepared = Prepared(Client.select(Client.id).where(Client.given_name == "@name"), "name")
    with pytest.raises(KeyError):
        await prepared()
