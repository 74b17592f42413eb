"""A note of staff is nowhere but in the database's own place for it and on the pages of staff."""

import io
import re
import zipfile

import pytest

from portal.access import routes
from portal.app import create_app
from portal.database import ENGINE, fetch
from portal.messages.actions import handling, sending
from portal.messages.tables import Topic
from tests.cast import Cast
from tests.messages.steps import a_thread, as_, words
from tests.tasks.post import work_through

CANARY = "yellowcanary"
OF_CLIENTS = [
    (path, method)
    for path, methods, _, rule in routes(create_app())
    for method in methods.split(",")
    if method != "HEAD" and not rule.words.startswith("staff")
]


async def a_noted_thread(cast: Cast, topic: Topic = Topic.APPOINTMENTS) -> int:
    """With an answer, so that letters go out; and with everything done to it that staff can do."""
    thread, reader = await a_thread(cast, topic), await as_(cast, "supervisor" if topic == Topic.CARE else "front_desk")
    await handling.add_note(reader, thread, f"{CANARY} before", f"0{thread:031}")
    await handling.take(reader, thread, 1)
    await sending.answer_for_staff(reader, thread, words("Yes, come at ten."))
    await handling.add_note(reader, thread, f"{CANARY} after", f"1{thread:031}")
    await handling.close(reader, thread, 2, 10**9)
    return thread


def read(content: bytes) -> bytes:
    """What is packed is unpacked: a sheet of Excel is a ZIP."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def test_there_are_routes_of_clients_to_walk():
    assert len(OF_CLIENTS) > 60 and any("{client_id" in path for path, _ in OF_CLIENTS)


@pytest.mark.parametrize("htmx", [False, True])
async def test_no_route_of_a_client_says_it(cast, htmx):
    thread = await a_noted_thread(cast)
    ids = {"client_id": cast.client.id, "thread_id": thread, "token": "1-abc", "section": "insurance"}
    seen = 0
    browser = await cast.browser("client", htmx=htmx)
    for path, method in sorted(OF_CLIENTS, key=lambda one: (one[0] == "/sign-out", one)):
        address = re.sub(r"\{(\w+):(\w+)\}", lambda one: str(ids.get(one[1], 1 if one[2] == "int" else "1")), path)
        for query in ("", "?words=yellowcanary", "?message=1"):
            page = await (
                browser.get(address + query, follow=False)
                if method == "GET"
                else browser.post(address, follow=False, words=CANARY, body="Hello", key="2" * 32)
            )
            said = read(page.response.content).lower()
            for typed in (b'value="yellowcanary"', b"yellowcanary</textarea>", b"words=yellowcanary"):
                said = said.replace(typed, b"")  # by the client, just now
            assert CANARY.encode() not in said, address + query
            assert CANARY not in str(page.headers.get("location", "")).partition("?")[0]
            seen += page.status == 200
    assert seen > 40
    assert CANARY in (await (await cast.browser("front_desk")).get(f"/staff/messages/{thread}")).words


async def test_no_letter_says_it_and_no_other_table_holds_it(cast):
    for topic in (Topic.APPOINTMENTS, Topic.CARE):
        await a_noted_thread(cast, topic)
    sent = await work_through()
    assert CANARY not in str(sent)
    assert ENGINE.pool is not None
    async with ENGINE.pool.acquire() as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        holding = [
            one["relname"]
            for one in tables
            if await connection.fetchval(
                f'SELECT EXISTS (SELECT FROM "{one["relname"]}" AS one WHERE one::text ILIKE $1)', f"%{CANARY}%"
            )
        ]
    assert holding == ["thread_note"]
    assert (await fetch("SELECT count(*) FROM thread_note"))[0]["count"] == 4
