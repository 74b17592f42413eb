"""Canned replies: who may change them, in which language they come, and that nothing typed is lost for one."""

import asyncio

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.messages import canned
from portal.messages.actions import canning, sending
from portal.messages.actions.putting import Beginning
from portal.messages.queries import canned as replies
from portal.messages.tables import Topic
from tests.browser import Page
from tests.cast import Cast
from tests.factories import a_grant, an_account
from tests.messages.steps import a_thread, as_, viewer_of, words

INBOX = "/staff/messages"
HERE = f"{INBOX}/replies"
STRANGE = "Nothing is filled in for {}: use the two that stand above"


async def a_reply(
    cast: Cast, title: str = "Forms", en: str = "Hello {first_name}, call {office_phone}.", es: str = ""
) -> int:
    return await canning.save(await as_(cast, "supervisor"), None, title, en, es)


def titles(page: Page) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.soup.select("#replies h2")]


def body(page: Page) -> str:
    return page.soup.select_one("#body").get_text().removeprefix("\n")  # type: ignore[union-attr]


async def test_supervisors_add_change_order_and_switch_off(cast):
    lead = await cast.browser("supervisor")
    assert "No canned replies yet." in (await lead.get(HERE)).words
    for title in ("First", "Second", "Third"):
        page = await lead.press(await lead.get(f"{HERE}/new"), HERE, title=title, body_en="Hello", body_es="Hola")
    assert titles(page) == ["First", "Second", "Third"]
    page = await lead.press(page, f"{HERE}/3/place", act="up")
    assert titles(page) == ["First", "Third", "Second"]
    page = await lead.press(page, f"{HERE}/1/place", act="up")
    assert titles(page) == ["First", "Third", "Second"]
    page = await lead.press(page, f"{HERE}/1/place", act="off")
    assert "Switched off" in page.pills()
    page = await lead.press(await lead.get(f"{HERE}/2"), f"{HERE}/2", title="Changed", body_es="")
    assert titles(page) == ["First", "Third", "Changed"] and "No Spanish words" in page.pills()
    desk = await cast.browser("front_desk")
    assert titles(await desk.get(HERE)) == ["Third", "Changed"]
    acts = await fetch("SELECT count(*) FROM audit_row WHERE act = 'canned_reply.changed'")
    assert acts[0]["count"] == 7


async def test_they_are_ordered_by_two_at_once_and_each_keeps_a_place_of_its_own(cast):
    lead = await as_(cast, "supervisor")
    ids = await asyncio.gather(*(a_reply(cast, f"Number {n}") for n in range(6)))
    await asyncio.gather(*(canning.move(lead, one, way) for one in ids for way in (-1, 1)))
    rows = await fetch("SELECT place FROM canned_reply ORDER BY place")
    assert [row["place"] for row in rows] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("part", ["front_desk", "clinician", "biller"])
async def test_whoever_reads_messages_sees_them_and_changes_nothing(cast, part):
    one = await a_reply(cast)
    browser = await cast.browser(part)
    page = await browser.get(HERE)
    assert titles(page) == ["Forms"] and not page.soup.select("#replies form") and f"{HERE}/new" not in page.links()
    for path in (f"{HERE}/new", f"{HERE}/{one}"):
        assert (await browser.get(path)).status == 404
    for path in (HERE, f"{HERE}/{one}", f"{HERE}/{one}/place"):
        assert (await browser.post(path, title="x", body_en="x", act="off")).status == 404
    with pytest.raises(NotFoundException):
        await canning.switch(await as_(cast, part), one, is_on=False)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"title": "", "body_en": ""}, {"title": "Give it a name to find it by", "body_en": "Write the reply"}),
        ({"title": "t" * 81, "body_en": "x"}, {"title": "Use 80 characters or fewer"}),
        ({"title": "x", "body_en": "Dear {name}"}, {"body_en": STRANGE.format("{name}")}),
        ({"title": "x", "body_en": "x", "body_es": "{oficina}"}, {"body_es": STRANGE.format("{oficina}")}),
    ],
)  # fmt: skip
async def test_what_is_refused_says_why_and_keeps_what_was_typed(cast, typed, errors):
    lead = await cast.browser("supervisor")
    page = await lead.press(await lead.get(f"{HERE}/new"), HERE, **typed)
    assert page.status == 422 and page.errors == errors
    for name, value in typed.items():
        assert value in page.value(name)
    assert (await lead.post(f"{HERE}/999", title="x", body_en="x")).status == 404


def test_only_what_is_known_is_filled_in():
    filled = canned.filled("Hello {first_name}, {office_phone}. {Other} {first_name}", "{office_phone}", "(443)")
    assert filled == "Hello {office_phone}, (443). {Other} {office_phone}"


# In an answer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
async def test_its_words_come_behind_what_was_typed(cast, htmx):
    one, thread = await a_reply(cast), await a_thread(cast)
    desk = await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    desk.headers = {"HX-Request": "true"} if htmx else {}
    page = await desk.press(page, f"{INBOX}/{thread}", body="Dear Maya, ", act="insert", canned=f"{one}-en")
    assert body(page).strip() == "Dear Maya,\n\nHello Maya, call (443) 555-0142." and page.status == 200
    assert (await fetch("SELECT count(*) FROM message"))[0]["count"] == 1
    sent = await desk.press(page, f"{INBOX}/{thread}")
    assert "Hello Maya, call (443) 555-0142." in sent.words and body(sent).strip() == ""


async def test_nothing_is_added_where_nothing_was_chosen_and_what_was_typed_stays(cast):
    thread = await a_thread(cast)
    await a_reply(cast)
    desk = await cast.browser("front_desk")
    for chosen in ("", "x-en", "1-fr"):
        page = await desk.press(
            await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", body="Typed", act="insert", canned=chosen
        )
        assert body(page).strip() == "Typed", chosen
    page = await desk.get(f"{INBOX}/{thread}?canned=999-en")
    assert page.status == 404


async def test_it_speaks_the_clients_language_first(cast):
    await a_reply(cast, es="Hola {first_name}")
    thread = await a_thread(cast)
    desk = await cast.browser("front_desk")

    async def first() -> str:
        return (await desk.get(f"{INBOX}/{thread}")).soup.select_one("#canned optgroup")["label"]

    assert await first() == "In English"
    await fetch("UPDATE account SET language = 'es' WHERE id = {}", cast.accounts["client"].id)
    assert await first() == "In Spanish"


async def test_it_speaks_to_whoever_wrote(cast):
    """A guardian is called by their own first name, the client by the name that they go by."""
    one = await a_reply(cast)
    await fetch("UPDATE client SET preferred_name = 'May' WHERE id = {}", cast.client.id)
    desk = await cast.browser("front_desk")
    own = await a_thread(cast)
    assert body(await desk.get(f"{INBOX}/{own}?canned={one}-en")).strip().startswith("Hello May,")
    guardian = await an_account("rosa@example.com", name="Rosa Reyes")
    await a_grant(guardian, cast.client, kind="guardian")
    theirs = await sending.begin(
        await viewer_of(guardian), cast.client.id, Beginning(Topic.OTHER, "School"), words("Hello")
    )
    assert body(await desk.get(f"{INBOX}/{theirs}?canned={one}-en")).strip().startswith("Hello Rosa,")


async def test_one_that_is_off_is_not_offered(cast):
    one, thread = await a_reply(cast), await a_thread(cast)
    desk = await cast.browser("front_desk")
    assert (await desk.get(f"{INBOX}/{thread}")).soup.select_one("#canned") is not None
    await canning.switch(await as_(cast, "supervisor"), one, is_on=False)
    assert (await desk.get(f"{INBOX}/{thread}")).soup.select_one("#canned") is None
    assert await replies.replies(await as_(cast, "front_desk")) == []
