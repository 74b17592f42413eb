"""R2: staff resend an invitation; the old link dies; links expire after 7 days."""

from tests.promise.conftest import a_client, link_in, open_chart, press, sign_in


def invited(portal, phone, given, email):
    number = a_client(portal, given, "Resent", "1990-02-03", email)
    portal.run("client", "invite", number)
    first = link_in(portal.letter(email), "invitation")
    sign_in(phone, "priya@harborlane.example")
    open_chart(phone, number)
    return first


def test_resending_kills_the_old_link(portal, phone, opened):
    first = invited(portal, phone, "Ruth", "ruth@example.com")
    portal.sql("UPDATE invitation SET sent_at = sent_at - interval '2 minutes'")
    press(phone.get_by_role("button", name="Resend invitation"))
    second = link_in(portal.letter("ruth@example.com", beside=1), "invitation")
    client = opened()
    client.goto(first)
    assert client.locator("h1").inner_text() == "This link does not work any more"
    client.goto(second)
    assert client.locator("h1").inner_text() == "Welcome to your client portal"


def test_an_expired_invitation_is_marked_and_its_holder_can_ask_for_a_new_one(portal, phone, opened):
    """Tove's invitation in the demo is nine days old."""
    sign_in(phone, "priya@harborlane.example")
    open_chart(phone, "lindqvist")
    assert phone.locator("#portal_access .pill").first.inner_text() == "Expired"
    press(phone.get_by_role("button", name="Resend invitation"))
    assert phone.locator("#portal_access .pill").first.inner_text() == "Invited"


def test_revoking_ends_the_link(portal, phone, opened):
    first = invited(portal, phone, "Rita", "rita@example.com")
    phone.get_by_text("Revoke access", exact=True).click()
    press(phone.get_by_role("button", name="Yes, revoke access"))
    assert phone.locator("#portal_access .pill").first.inner_text() == "Revoked"
    client = opened()
    client.goto(first)
    assert client.locator("h1").inner_text() == "This link does not work any more"
    press(client.get_by_role("button", name="Ask for a new invitation"))
    assert client.locator("h1").inner_text() == "The office has been asked"
    phone.goto("/staff/review?sort=newest")
    assert "Rita Resent" in phone.locator(".queue").inner_text()
