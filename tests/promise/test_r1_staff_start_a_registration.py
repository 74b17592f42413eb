"""R1: staff start a client's registration from the client's chart; an e-mail with a registration link goes out."""

from tests.promise.conftest import a_client, link_in, open_chart, press, sign_in


def test_activate_sends_a_letter_with_a_link(portal, phone):
    a_client(portal, "Nora", "Vandenberg", "1990-02-03", "nora@example.com")
    sign_in(phone, "priya@harborlane.example")
    open_chart(phone, "vandenberg")
    press(phone.get_by_role("link", name="Activate portal access"))
    phone.get_by_label("nora@example.com").check()
    press(phone.get_by_role("button", name="Send invitation"))
    assert phone.locator("#portal_access .pill").first.inner_text() == "Invited"
    letter = portal.letter("nora@example.com")
    assert link_in(letter, "invitation").startswith(portal.url)
    phone.reload()
    assert "Sent" in phone.locator("#portal_access").inner_text()


def test_a_chart_without_an_email_asks_for_one(portal, phone):
    number = a_client(portal, "Otto", "Keller", "1980-05-06")
    sign_in(phone, "priya@harborlane.example")
    open_chart(phone, number)
    press(phone.get_by_role("link", name="Activate portal access"))
    press(phone.get_by_role("button", name="Send invitation"))
    assert phone.locator("#errors").inner_text().splitlines()[-1] == "Enter an e-mail address"
    phone.get_by_label("The other e-mail address").fill("otto@example.com")
    press(phone.get_by_role("button", name="Send invitation"))
    assert portal.letter("otto@example.com")
    assert "otto@example.com" in phone.locator("#emails").inner_text()


def test_an_invitation_is_printed_for_a_client_without_email(portal, phone, opened):
    number = a_client(portal, "Pia", "Holm", "1951-07-08")
    sign_in(phone, "priya@harborlane.example")
    open_chart(phone, number)
    press(phone.get_by_role("link", name="Activate portal access"))
    phone.get_by_label("Print it instead").check()
    press(phone.get_by_role("button", name="Send invitation"))
    assert phone.locator(".qr").is_visible()
    code = phone.locator(".code").inner_text()
    client = opened()
    client.goto("/sign-in")
    press(client.get_by_role("link", name="I have a code"))
    client.get_by_label("Code").fill(code.lower().replace("-", " "))
    press(client.get_by_role("button", name="Continue"))
    assert client.locator("h1").inner_text() == "Confirm who this is for"
