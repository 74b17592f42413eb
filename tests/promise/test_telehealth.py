"""Telehealth: the practice keeps a link, the client accepts once and joins in time."""

from collections.abc import Iterator

import pytest

from tests.promise.conftest import press
from tests.promise.seeing import PHONE, look_at
from tests.promise.steps import arrive

# Rosa has nothing booked by herself: this visit is hers while a test runs.
A_VISIT = """
INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from, busy_until,
                         time_zone, state, holds, version, made_at)
SELECT c.id, m.id, (SELECT min(id) FROM site), (SELECT min(id) FROM appointment_type), 'telehealth', told.at,
       told.at + interval '50 min', told.at, told.at + interval '50 min', 'America/New_York', 'booked', true, 1, now()
  FROM client c, staff_member m, (SELECT now() + interval '{minutes} min' AS at) AS told
 WHERE c.given_name = 'Rosa' AND m.family_name = 'Okafor'
"""
GONE = """
DELETE FROM appointment
 WHERE contact_type = 'telehealth' AND asked_by IS NULL AND client IN (SELECT id FROM client WHERE given_name = 'Rosa')
   AND id NOT IN (SELECT appointment FROM encounter WHERE appointment IS NOT NULL)
"""
ROSA, OKAFOR = "rosa.delgado@example.com", "ngozi@harborlane.example"
ROOM = "https://video.example.com/a-new-room"


@pytest.fixture
def visit(portal) -> Iterator[None]:
    portal.clear_the_way(10)
    portal.sql(A_VISIT.format(minutes=10))
    yield
    portal.sql(GONE)
    portal.sql("DELETE FROM telehealth_consent")


@pytest.mark.parametrize("scripts", [False, True])
def test_a_client_reads_accepts_and_joins(opened, visit, portal, scripts):
    staff = opened(scripts=scripts)
    arrive(staff, OKAFOR)
    staff.goto("/staff/hours/2")
    press(staff.get_by_role("link", name="Video room"))
    field = staff.get_by_label("Link to the room")
    field.fill("http://video.example.com/open")
    press(staff.get_by_role("button", name="Save"))
    assert staff.get_by_text("Use a link that begins with https://").first.is_visible()
    assert field.input_value() == "http://video.example.com/open"
    field.fill(ROOM)
    press(staff.get_by_role("button", name="Save"))
    staff.get_by_text("Saved. Clients join here from now on.").wait_for()
    page = opened(scripts=scripts)
    arrive(page, ROSA)
    press(page.locator("#next").get_by_role("link", name="Join"))
    assert page.locator("h1").inner_text() == "Before your first video visit"
    look = page.locator("main").inner_text()
    assert "911" in look and "988" in look and ROOM not in page.content()
    press(page.get_by_role("button", name="Accept"))
    assert page.get_by_text("Tick the box if you agree").first.is_visible()
    page.get_by_role("checkbox").check()
    press(page.get_by_role("button", name="Accept"))
    page.get_by_role("heading", name="Your video visit").wait_for()
    link = page.get_by_role("link", name="Open the video visit")
    assert link.get_attribute("href") == ROOM and "noreferrer" in link.get_attribute("rel")
    assert "Dr. Ngozi Okafor will be with you soon" in page.locator("main").inner_text()
    page.goto("/clients/6/appointments")
    press(page.get_by_role("link", name="Join"))
    assert page.get_by_role("link", name="Open the video visit").is_visible()


def test_the_link_leads_out_and_tells_nobody_where_from(opened, visit, portal):
    page = opened()
    arrive(page, ROSA)
    press(page.locator("#next").get_by_role("link", name="Join"))
    page.get_by_role("checkbox").check()
    press(page.get_by_role("button", name="Accept"))
    asked = []
    page.route("https://video.example.com/**", lambda route: (asked.append(route.request), route.fulfill(body="room")))
    with page.expect_navigation():
        page.get_by_role("link", name="Open the video visit").click()
    assert page.url.startswith("https://video.example.com/") and "referer" not in asked[0].headers


@pytest.mark.parametrize("scripts", [False, True])
def test_before_its_time_the_page_says_when(opened, portal, scripts):
    portal.clear_the_way(90)
    portal.sql(A_VISIT.format(minutes=90))
    try:
        page = opened(scripts=scripts)
        arrive(page, ROSA)
        card = page.locator("#next")
        assert "You can join from" in card.inner_text() and not card.get_by_role("link", name="Join").count()
        press(card.get_by_role("link", name="Your next appointment"))
        press(page.get_by_role("link", name="Before your first video visit: read and accept"))
        page.get_by_role("checkbox").check()
        press(page.get_by_role("button", name="Accept"))
        page.get_by_text("It is not open yet").wait_for()
        press(page.get_by_role("link", name="Look again"))
        assert "video.example.com" not in page.content()
        assert page.get_by_role("heading", name="If camera or sound fail").is_visible()
    finally:
        portal.sql(GONE)
        portal.sql("DELETE FROM telehealth_consent")


def test_axe_finds_nothing_while_one_may_join(opened, visit):
    page = opened(scripts=True)
    arrive(page, ROSA)
    for place in (page.url, "/clients/6/appointments"):
        page.goto(place)
        look_at(page, PHONE)
    press(page.get_by_role("link", name="Join"))
    page.get_by_role("checkbox").check()
    press(page.get_by_role("button", name="Accept"))
    page.get_by_role("link", name="Open the video visit").wait_for()
    page.locator("summary").last.click()
    look_at(page, PHONE)
