"""Staff begin a conversation: about what, with whom, and only where somebody can read it."""

import pytest

from portal.access import Role
from portal.database import fetch
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from tests.browser import Page
from tests.cast import Cast
from tests.factories import a_client, a_grant, a_member, an_account
from tests.messages.steps import a_thread, as_, viewer_of

INBOX = "/staff/messages"


def new(client_id: int) -> str:
    return f"/staff/clients/{client_id}/messages/new"


def create(client_id: int) -> str:
    return f"/staff/clients/{client_id}/messages"


def offered(page: Page, name: str) -> list[str]:
    return [one.parent.span.contents[0] for one in page.soup.select(f"[name={name}]")]


def ticked(page: Page) -> list[str]:
    return [one.parent.span.contents[0] for one in page.soup.select("[name=people][checked]")]


async def a_family(cast: Cast) -> None:
    """Beside Maya: her guardian, and a proxy who does not have the messages."""
    rosa, sam = await an_account("rosa@example.com", name="Rosa Reyes"), await an_account("sam@x.example", name="Sam")
    await a_grant(rosa, cast.client, kind="guardian")
    await a_grant(sam, cast.client, kind="proxy", areas=["billing"])


@pytest.mark.parametrize(
    ("part", "topics"),
    [
        ("front_desk", ["Appointments", "Billing", "Something else"]),
        ("biller", ["Billing"]),
        ("clinician", ["Care", "Only me"]),
        ("supervisor", ["Appointments", "Billing", "Care", "Something else"]),
    ],
)
async def test_each_role_writes_about_what_it_reads(cast, part, topics):
    page = await (await cast.browser(part)).get(new(cast.client.id))
    assert offered(page, "topic") == topics


async def test_it_goes_to_the_client_unless_somebody_else_is_ticked(cast):
    await a_family(cast)
    desk = await cast.browser("front_desk")
    page = await desk.get(new(cast.client.id))
    assert offered(page, "people") == ["Maya Reyes", "Rosa Reyes"] and ticked(page) == ["Maya Reyes"]
    page = await desk.press(page, create(cast.client.id), topic="billing", subject="Your card", body="It has expired.")
    assert page.heading == "Your card" and "It has expired." in page.words and "Sent." in page.words
    thread = int(page.path.rpartition("/")[2].partition("?")[0])
    maya = await as_(cast, "client")
    head = await conversation.of_client(maya, cast.client.id, thread)
    assert (head.subject, head.topic, head.waiting_since) == ("Your card", Topic.BILLING, None)
    rows = await fetch("SELECT account FROM thread_participant WHERE thread = {}", thread)
    assert [row["account"] for row in rows] == [cast.accounts["client"].id]


async def test_of_a_child_all_guardians_are_ticked(cast):
    child = await a_client("Ben", "Reyes")
    for name in ("Rosa Reyes", "Luis Reyes"):
        await a_grant(await an_account(f"{name[:4]}@example.com", name=name), child, kind="guardian")
    await a_grant(await an_account("proxy@example.com", name="Pat Proxy"), child, kind="proxy")
    page = await (await cast.browser("front_desk")).get(new(child.id))
    assert ticked(page) == ["Luis Reyes", "Rosa Reyes"]
    assert offered(page, "people") == ["Luis Reyes", "Pat Proxy", "Rosa Reyes"]


async def test_sent_twice_it_is_one_conversation(cast):
    desk = await cast.browser("front_desk")
    page = await desk.get(new(cast.client.id))
    sent = {
        (await desk.press(page, create(cast.client.id), topic="other", subject="Once", body="Once")).path for _ in "ab"
    }
    assert len(sent) == 1 and (await fetch("SELECT count(*) FROM thread"))[0]["count"] == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"subject": ""}, "subject"), ({"body": " "}, "body"), ({"topic": None}, "topic"), ({"people": None}, "people"),
        ({"topic": "care"}, "topic"), ({"topic": "personal-1"}, "topic"), ({"people": ["999999"]}, "people"),
    ],
)  # fmt: skip
async def test_what_is_refused_keeps_everything_that_was_typed(cast, typed, wrong):
    desk = await cast.browser("front_desk")
    whole = {"topic": "other", "subject": "A subject", "body": "Some words", **typed}
    page = await desk.press(await desk.get(new(cast.client.id)), create(cast.client.id), whole)
    assert page.status == 422 and wrong in page.errors, page.errors
    assert page.value("subject") == (whole["subject"] or "") and (whole["body"].strip() in page.value("body"))
    assert (await fetch("SELECT count(*) FROM thread"))[0]["count"] == 0


async def test_a_clinicians_own_conversation_is_read_by_nobody_else(cast):
    clinician = await cast.browser("clinician")
    own = f"personal-{(await as_(cast, 'clinician')).staff_id}"
    page = await clinician.press(
        await clinician.get(new(cast.client.id)), create(cast.client.id), topic=own, subject="Between us", body="Hello"
    )
    assert page.heading == "Between us"
    thread = page.path.partition("?")[0]
    for part in ("front_desk", "supervisor", "administrator", "other clinician", "biller"):
        assert (await (await cast.browser(part)).get(thread)).status == 404, part


async def test_nobody_writes_in_the_name_of_another_clinician(cast):
    other = (await as_(cast, "other clinician")).staff_id
    clinician = await cast.browser("clinician")
    page = await clinician.press(
        await clinician.get(new(cast.client.id)),
        create(cast.client.id),
        topic=f"personal-{other}",
        subject="x",
        body="x",
    )
    assert page.status == 422 and "topic" in page.errors


async def test_where_nobody_reads_it_says_so_and_leads_to_portal_access(cast):
    unread = await a_client("Nobody", "Reads")
    desk = await cast.browser("front_desk")
    page = await desk.get(new(unread.id))
    assert "Nobody reads messages about this client in the portal." in page.words and not page.soup.select("main form")
    assert f"/staff/clients/{unread.id}/portal-access/activation" in page.links()
    page = await (await cast.browser("biller")).get(new(unread.id))
    assert "The front desk can activate portal access." in page.words
    page = await desk.post(create(unread.id), topic="other", subject="x", body="x", key="0" * 32)
    assert page.status == 422


async def test_a_draft_is_there_again(cast):
    await a_family(cast)
    desk = await cast.browser("front_desk")
    page = await desk.get(new(cast.client.id))
    rosa = page.soup.select("[name=people]")[1]["value"]
    page = await desk.press(
        page, create(cast.client.id), topic="billing", subject="Half", body="", people=[rosa], act="save"
    )
    assert "Saved. It is not sent yet." in page.words and page.value("subject") == "Half"
    assert ticked(page) == ["Rosa Reyes"] and page.soup.select_one("[name=topic][checked]")["value"] == "billing"


async def test_one_writes_only_to_whom_one_reaches(cast):
    await a_grant(cast.accounts["front_desk"], cast.other, kind="guardian")
    for part, client in (
        ("other clinician", cast.client), ("front_desk", cast.other), ("clinician", cast.other),
        ("privacy_officer", cast.client), ("auditor", cast.client), ("client", cast.client),
    ):  # fmt: skip
        browser = await cast.browser(part)
        assert (await browser.get(new(client.id))).status == 404, part
        page = await browser.post(create(client.id), topic="other", subject="x", body="x", key="0" * 32)
        assert page.status == 404, part


async def test_the_chart_lists_the_conversations_that_one_reads(cast):
    for topic in (Topic.APPOINTMENTS, Topic.CARE, Topic.PERSONAL):
        await a_thread(cast, topic, f"About {topic}")
    for part, seen in (
        ("front_desk", ["About appointments"]), ("clinician", ["About personal", "About care"]),
        ("supervisor", ["About care", "About appointments"]),
    ):  # fmt: skip
        page = await (await cast.browser(part)).get(f"/staff/clients/{cast.client.id}")
        assert [one.get_text() for one in page.soup.select("#messaging a > b")] == seen, part
        assert new(cast.client.id) in page.links()
    page = await (await cast.browser("privacy_officer")).get(f"/staff/clients/{cast.client.id}")
    assert page.status == 200 and page.soup.select_one("#messaging") is None
    for number in range(6):
        await a_thread(cast, subject=f"Another {number}")
    page = await (await cast.browser("front_desk")).get(f"/staff/clients/{cast.client.id}")
    listed = await (await cast.browser("front_desk")).get(f"{INBOX}?view=all&client={cast.client.id}")
    assert len(page.soup.select("#messaging li")) == 5 and "All conversations about this client" in page.words
    assert len(listed.soup.select("#inbox .queue li")) == 7 and listed.heading == "Messages about Maya Reyes"


async def test_a_supervisor_who_sees_clients_may_keep_it_to_themselves(cast):
    _, account = await a_member(Role.SUPERVISOR, "Ana", "Soto", is_clinician=True)
    viewer = await viewer_of(account)
    from tests.browser import Browser

    page = await (await Browser().signed_in(account.id)).get(new(cast.client.id))
    assert f"personal-{viewer.staff_id}" in [one["value"] for one in page.soup.select("[name=topic]")]
