"""R21: a client sees a red badge for unread messages on the dashboard: the same number everywhere, and at once."""

from tests.promise.conftest import press
from tests.promise.messages import INBOX, MAYA, badge, begin, office_says, read_all
from tests.promise.steps import arrive

RED = "rgb(197, 40, 28)"


def test_the_badge_is_there_says_it_in_words_and_goes_when_it_is_read(portal, phone):
    read_all(portal)
    arrive(phone, MAYA)
    begin(phone, "Badge", "Is the door open?")
    phone.goto("/clients/1")
    assert badge(phone) == "" and "Nothing new" in phone.locator(".tile[href$=messages]").inner_text()
    office_says(portal, "Badge", "Yes.", "Ring twice.")
    phone.goto("/clients/1")
    tile = phone.locator(".tile[href$=messages]")
    assert badge(phone) == "2" and "2 new messages" in tile.inner_text() and phone.title().startswith("(2) ")
    assert tile.locator(".badge").evaluate("one => getComputedStyle(one).backgroundColor") == RED
    press(phone.get_by_role("link", name="Read 2 new messages"))
    row = phone.locator(".rows a.unread")
    assert "Badge" in row.inner_text() and "2 new" in row.inner_text() and badge(phone) == "2"
    press(row)
    assert phone.locator(".newline").inner_text() == "2 new messages" and badge(phone) == ""
    phone.goto("/clients/1")
    assert badge(phone) == "" and not phone.title().startswith("(") and not phone.get_by_text("new message").count()


def test_what_is_read_in_one_tab_is_read_in_every_tab_at_once(portal, opened):
    """Nobody is moved by it: what has the focus keeps it."""
    read_all(portal)
    page = opened(scripts=True)
    arrive(page, MAYA)
    begin(page, "Two tabs", "Hello?")
    office_says(portal, "Two tabs", "Hello.")
    begin(page, "Three tabs", "Hello?")
    office_says(portal, "Three tabs", "Hello.", "Come in.")
    home = page.context.new_page()
    home.goto("/clients/1")
    assert badge(home) == "3" and home.title().startswith("(3) ")
    home.locator(".tile[href='/account']").focus()
    page.goto(INBOX)
    press(page.locator(".rows a.unread", has_text="Three tabs"))
    home.locator("#todo", has_text="Read 1 new message").wait_for()
    page.goto(INBOX)
    press(page.locator(".rows a.unread"))
    home.locator("#unread").wait_for(state="hidden")
    home.wait_for_function("() => !document.title.startsWith('(')")
    tile = home.locator(".tile[href$=messages]")
    assert "Nothing new" in tile.inner_text() and not tile.locator(".badge").is_visible()
    assert not home.get_by_text("Read 1 new message").is_visible()
    assert home.locator(".tile[href='/account']").evaluate("one => one === document.activeElement")


def test_the_badge_comes_by_itself_and_disturbs_nobody(portal, opened):
    """As after a minute: the poll is started by hand."""
    read_all(portal)
    page = opened(scripts=True)
    arrive(page, MAYA)
    begin(page, "By itself", "Hello?")
    page.get_by_label("Your message").fill("I am still")
    office_says(portal, "By itself", "Hello.")
    page.evaluate("htmx.trigger('#unread', 'unread')")
    page.locator("#unread", has_text="1").wait_for()
    page.wait_for_function("() => document.title.startsWith('(1) ')")
    assert page.locator("#body:focus").count() == 1 and page.get_by_label("Your message").input_value() == "I am still"


def test_who_has_been_signed_out_elsewhere_keeps_what_they_type(portal, opened):
    page = opened(scripts=True)
    arrive(page, MAYA)
    page.goto(f"{INBOX}/new")
    page.get_by_label("Your message").fill("Still typing")
    page.context.clear_cookies()
    with page.expect_response("**/unread") as answered:
        page.evaluate("htmx.trigger('#unread', 'unread')")
    assert answered.value.status == 286
    assert page.get_by_label("Your message").input_value() == "Still typing" and "/messages/new" in page.url
