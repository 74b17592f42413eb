"""The Portal access panel: six states, each with its dates, the letter's fate, and the acts that fit it."""

from datetime import datetime

import pytest

from portal import clock, language
from portal.access import Role
from portal.accounts import queries, sessions
from portal.accounts.actions import invitation, registration
from portal.accounts.tables import Invitation
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.outbox import Event
from tests.accounts.steps import BORN, is_signed_in, open_link, row_of
from tests.browser import Browser, Page
from tests.factories import PASSWORD, TEST, a_client, a_grant, a_member, an_account, an_invitation, link_to

ZONE = "America/New_York"
ACTIVATE, RESEND, PRINT, CHANGE, REVOKE = (
    "Activate portal access", "Resend invitation", "Print invitation", "Change owner", "Yes, revoke access",
)  # fmt: skip


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


@pytest.fixture
async def lena(cast):
    """Somebody without anything yet."""
    return await a_client("Lena", "Fischer", email="lena@example.com")


def base(client) -> str:
    return f"/staff/clients/{client.id}/portal-access"


async def panel(browser: Browser, client) -> Page:
    page = await browser.get(base(client))
    page.text = str(page.soup.select_one("#portal_access"))
    return page


def pill(page: Page) -> str:
    return page.pills()[0]


def acts(page: Page) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.soup.select("a.btn, button")]


def moment(value: datetime) -> str:
    return " ".join(language.written_moment(value, ZONE).split())


async def activated(browser: Browser, client, **typed: str) -> Page:
    form = {"how": "other", "email": "lena@example.com", "kind": "self", "language": "en", **typed}
    return await browser.press(await browser.get(base(client) + "/activation"), "/activation", **form)


async def letter_of(row: Invitation, state: str, **more: object) -> None:
    event = (await fetch("SELECT id FROM event WHERE subject_id = {} AND kind = 'invitation.sent'", row.id))[0]["id"]
    delivery = Delivery(
        event=event, kind="invitation", subject_id=row.id, client_id=row.client, address=row.email,
        message_id=f"<{event}@x>", state=state, written_at=clock.now(), **more,
    )  # fmt: skip
    await delivery.save()


# The states -----------------------------------------------------------------------------------------------------------


async def test_never_invited(desk, lena):
    page = await panel(desk, lena)
    assert pill(page) == "No portal access" and "An invitation lasts seven days." in page.words
    assert acts(page) == [ACTIVATE]


async def test_invited(desk, lena):
    row = await an_invitation(lena, "lena@example.com")
    page = await panel(desk, lena)
    assert pill(page) == "Invited" and "lena@example.com" in page.words
    assert f"Sent {moment(row.sent_at)}, works until {moment(row.expires_at)}" in page.words
    assert acts(page) == [RESEND, PRINT, CHANGE, REVOKE]


async def test_expired(desk, lena, cast):
    row = await an_invitation(lena, "lena@example.com")
    with clock.shifted(days=7, seconds=1):
        page = await panel(await cast.browser("front_desk"), lena)
    assert pill(page) == "Expired" and f"expired {moment(row.expires_at)}" in page.words
    assert acts(page) == [RESEND, CHANGE, REVOKE]


async def test_active(desk, lena):
    row = await an_invitation(lena, "lena@example.com", kind="guardian", holder_name="Karl Fischer")
    account = await registration.register(TEST, row.id, PASSWORD, PASSWORD)
    page = await panel(desk, lena)
    today = language.written_date(clock.now(), ZONE)
    assert pill(page) == "Active"
    assert f"Guardian Karl Fischer lena@example.com Since {today}" in page.words and "last seen" not in page.words
    assert acts(page) == [CHANGE, REVOKE]
    await sessions.begin(account, "", "")
    seen = (await fetch("SELECT seen_at FROM session ORDER BY id DESC"))[0]["seen_at"]
    assert f"last seen {moment(seen)}" in (await panel(desk, lena)).words


async def test_locked(desk, lena, nobody):
    row = await an_invitation(lena, "lena@example.com")
    await open_link(nobody, row)
    for _ in range(5):
        await nobody.post("/registration", last_name="Wrong", **BORN)
    row = await row_of(lena.id)
    page = await panel(desk, lena)
    assert pill(page) == "Locked" and "was wrong five times" in page.words
    assert f"closed {moment(row.ended_at)}" in page.words
    assert acts(page) == [ACTIVATE]


async def test_revoked(desk, lena):
    await an_invitation(lena, "lena@example.com")
    await invitation.revoke(TEST, lena.id)
    row = await row_of(lena.id)
    page = await panel(desk, lena)
    assert pill(page) == "Revoked" and f"revoked {moment(row.ended_at)}" in page.words
    assert acts(page) == [ACTIVATE]


async def test_revoked_after_having_been_active(desk, cast):
    await invitation.revoke(TEST, cast.client.id)
    page = await panel(desk, cast.client)
    assert pill(page) == "Revoked" and "maya@example.com" in page.words and " to " in page.words
    assert acts(page) == [ACTIVATE]


async def test_active_while_another_is_invited_is_still_active(cast, desk):
    """The command line may invite a second parent."""
    await an_invitation(cast.client, "second@example.com", kind="guardian", holder_name="Second Parent")
    page = await panel(desk, cast.client)
    assert pill(page) == "Active" and "second@example.com" in page.words


async def test_the_dead_and_the_closed_are_not_activated(desk, cast):
    dead = await a_client("Ida", "Moss", deceased_on=clock.now().date())
    assert acts(await panel(desk, dead)) == []


@pytest.mark.parametrize("state", list(queries.AccessState))
async def test_the_chart_shows_the_same_panel(desk, cast, lena, state):
    if state == "none":
        pass
    elif state == "active":
        await a_grant(await an_account("lena@example.com"), lena)
    else:
        row = await an_invitation(lena, "lena@example.com")
        stored = {"invited": "open", "expired": "open"}.get(state, str(state))
        await Invitation.update({Invitation.state: stored, Invitation.ended_at: clock.now()}).where(
            Invitation.id == row.id
        )
    with clock.shifted(days=8 if state == "expired" else 0):
        desk = await cast.browser("front_desk")
        chart = await desk.get(f"/staff/clients/{lena.id}")
        words = {"none": "No portal access"}.get(state, state.capitalize())
        assert chart.soup.select_one("#portal_access .pill").get_text(strip=True) == words
        assert (await queries.portal_access(TEST, lena.id)).state == state


# The letter -----------------------------------------------------------------------------------------------------------


async def test_the_letters_fate_is_shown_where_it_was_caused(desk, lena):
    row = await an_invitation(lena, "lena@example.com")
    assert (await panel(desk, lena)).pills() == ["Invited", "Queued"]
    await letter_of(row, "queued")
    for state, words in (
        ("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("bounced", "Bounced"),
        ("dropped", "Not sent: replaced"),
    ):  # fmt: skip
        await Delivery.update({Delivery.state: state, Delivery.ended_at: clock.now()}, force=True)
        page = await panel(desk, lena)
        assert page.pills() == ["Invited", words]
        assert ("Check the address with the client" in page.words) == (state in ("failed", "bounced"))
    assert await Event.count() == 1


async def test_the_panel_speaks_of_the_newest_letter(desk, lena):
    row = await an_invitation(lena, "lena@example.com")
    await letter_of(row, "bounced", ended_at=clock.now())
    assert (await panel(desk, lena)).pills() == ["Invited", "Bounced"]
    with clock.shifted(seconds=61):
        await invitation.resend(TEST, lena.id)
    assert (await panel(desk, lena)).pills() == ["Invited", "Queued"]


async def test_a_printed_invitation_has_no_letter(desk, lena):
    await an_invitation(lena, "")
    page = await panel(desk, lena)
    assert page.pills() == ["Invited"] and "Printed" in page.words


# Activate -------------------------------------------------------------------------------------------------------------


async def test_the_way_of_the_invitation_is_chosen_from_the_chart(desk, lena):
    page = await desk.get(base(lena) + "/activation")
    ways = [one["value"] for one in page.soup.select('input[name="how"]')]
    assert ways == ["lena@example.com", "other", "print"]
    assert page.soup.select_one('input[name="how"][checked]')["value"] == "lena@example.com"


async def test_activating_by_an_address_of_the_chart(cast, desk, lena):
    page = await activated(desk, lena, how="lena@example.com", email="")
    assert (
        page.path == f"/staff/clients/{lena.id}"
        and page.soup.select_one("#portal_access .pill").get_text(strip=True) == "Invited"
    )
    row = await row_of(lena.id)
    told = (row.email, row.kind, row.holder_name, row.language, row.sent_by)
    assert told == ("lena@example.com", "self", "Lena Fischer", "en", cast.accounts["front_desk"].staff_member)
    assert [one["kind"] for one in await fetch("SELECT kind FROM event")] == ["invitation.sent"]


async def test_another_address_of_the_clients_own_goes_on_the_chart(desk, lena):
    await activated(desk, lena, email=" Lena.New@Example.com ")
    rows = await fetch("SELECT address FROM client_email WHERE client = {} ORDER BY id", lena.id)
    assert [row["address"] for row in rows] == ["lena@example.com", "Lena.New@example.com"]


async def test_a_guardians_address_does_not(desk, lena):
    await activated(desk, lena, email="karl@example.com", kind="guardian", holder_name="Karl Fischer", language="es")
    rows = await fetch("SELECT address FROM client_email WHERE client = {}", lena.id)
    row = await row_of(lena.id)
    assert [one["address"] for one in rows] == ["lena@example.com"]
    assert (row.email, row.kind, row.holder_name, row.language) == (
        "karl@example.com",
        "guardian",
        "Karl Fischer",
        "es",
    )


async def test_an_address_that_is_on_the_chart_already_is_no_obstacle(desk, lena):
    await activated(desk, lena, email="LENA@example.com")
    assert (await row_of(lena.id)).email == "LENA@example.com"
    assert len(await fetch("SELECT 1 FROM client_email WHERE client = {}", lena.id)) == 1


async def test_printing_instead_sends_no_letter_and_shows_the_page(desk, lena):
    page = await activated(desk, lena, how="print", email="")
    assert page.path == base(lena) + "/print" and page.heading == "Your client portal invitation"
    assert await fetch("SELECT 1 FROM event") == []


async def test_htmx_leaves_for_the_page_for_paper(cast, lena):
    desk = await cast.browser("front_desk", htmx=True)
    page = await desk.post(base(lena) + "/activation", how="print", kind="self")
    assert (page.status, page.headers["hx-redirect"]) == (200, base(lena) + "/print")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"how": ""}, {"how": "Choose where the invitation goes"}),
        ({"how": "maya@example.com"}, {"how": "Choose where the invitation goes"}),
        ({"how": "other", "email": ""}, {"email": "Enter an e-mail address"}),
        ({"how": "other", "email": "nonsense"}, {"email": "Enter an e-mail address like name@example.com"}),
        (
            {"kind": "owner"},
            {
                "kind": "Choose who will hold portal access",
                "holder_name": "Enter the name of who will hold portal access",
            },
        ),
        ({"kind": "guardian"}, {"holder_name": "Enter the name of who will hold portal access"}),
        ({"kind": "proxy", "holder_name": "x" * 201}, {"holder_name": "Use 200 characters or fewer"}),
    ],
)
async def test_what_is_missing_is_said_and_kept(desk, lena, typed, errors):
    form = {"how": "other", "email": "new@example.com", "kind": "self", "holder_name": "", "language": "es", **typed}
    page = await desk.post(base(lena) + "/activation", **form)
    assert (page.status, page.errors) == (422, errors)
    assert page.value("email") == form["email"]
    assert page.soup.select_one('select[name="language"] option[selected]')["value"] == "es"
    assert await Invitation.count() == 0


async def test_a_language_that_does_not_exist_is_english(desk, lena):
    await desk.post(base(lena) + "/activation", how="other", email="new@example.com", kind="self", language="xx")
    assert (await row_of(lena.id)).language == "en"


# Resend, revoke, change ----------------------------------------------------------------------------------------------


async def test_resending_by_the_button(desk, lena, nobody):
    old = await an_invitation(lena, "lena@example.com")
    page = await desk.press(await desk.get(base(lena)), "/resending")
    assert "less than a minute ago" in page.text and (await nobody.get(link_to(old))).status == 200
    with clock.shifted(seconds=61):
        page = await desk.press(await desk.get(base(lena)), "/resending")
    assert page.soup.select_one("#portal_access .pill").get_text(strip=True) == "Invited"
    assert (await nobody.get(link_to(old))).status == 410
    assert (await nobody.get(link_to(await row_of(lena.id)))).status == 200


async def test_an_expired_invitation_is_resent_and_works_again(cast, lena):
    await an_invitation(lena, "lena@example.com")
    with clock.shifted(days=30):
        desk = await cast.browser("front_desk")
        page = await desk.press(await desk.get(base(lena)), "/resending")
        assert page.soup.select_one("#portal_access .pill").get_text(strip=True) == "Invited"


async def test_revoking_kills_the_link_ends_the_sessions_and_says_so(cast, desk, nobody):
    client = await cast.browser("client")
    page = await desk.press(await desk.get(base(cast.client)), "/revocation")
    assert page.soup.select_one("#portal_access .pill").get_text(strip=True) == "Revoked"
    assert not await is_signed_in(client)
    row = await an_invitation(cast.other, "new@example.com")
    await desk.press(await desk.get(base(cast.other)), "/revocation")
    assert (await nobody.get(link_to(row))).status == 410


async def test_whoever_was_revoked_signs_in_and_reaches_nobody(cast, desk):
    await desk.press(await desk.get(base(cast.client)), "/revocation")
    client = await cast.browser("client")
    assert (await client.get(f"/clients/{cast.client.id}")).status == 404
    assert "not connected to anybody" in (await client.get("/")).words


async def test_revoking_ends_all_who_reach_the_client_and_nobody_elses_access(cast, desk):
    await desk.post(base(cast.client) + "/revocation")
    rows = await fetch(
        "SELECT account, ended_by FROM access_grant WHERE client = {} AND ends_at > now() - interval '1 hour'",
        cast.client.id,
    )
    assert {row["account"] for row in rows} == {cast.accounts[one].id for one in ("client", "guardian")}
    assert {row["ended_by"] for row in rows} == {cast.accounts["front_desk"].staff_member}
    assert len(await fetch("SELECT 1 FROM access_grant WHERE ends_at IS NULL")) == 1


async def test_after_a_revocation_the_client_can_be_activated_again_and_keeps_the_old_account(cast, desk, nobody):
    await desk.post(base(cast.client) + "/revocation")
    await activated(desk, cast.client, how="maya@example.com")
    page = await open_link(nobody, await row_of(cast.client.id))
    assert page.heading == "You have an account already"
    await nobody.signed_in(cast.accounts["client"].id)
    page = await nobody.press(await nobody.get("/registration"), "/registration", last_name="Reyes", **BORN)
    assert page.path == f"/clients/{cast.client.id}"
    assert len(await fetch("SELECT 1 FROM account WHERE email_key = 'maya@example.com'")) == 1


async def test_changing_the_owner_takes_access_at_once_and_invites_the_new_one(cast, desk):
    client = await cast.browser("client")
    form = {
        "how": "other",
        "email": "father@example.com",
        "kind": "guardian",
        "holder_name": "Daniel Reyes",
        "language": "en",
    }
    page = await desk.press(await desk.get(base(cast.client) + "/owner"), "/owner", **form)
    assert page.soup.select_one("#portal_access .pill").get_text(strip=True) == "Invited"
    assert not await is_signed_in(client)
    row = await row_of(cast.client.id)
    assert (row.email, row.kind, row.holder_name) == ("father@example.com", "guardian", "Daniel Reyes")


async def test_a_refused_change_of_owner_changes_nothing(cast, desk):
    client = await cast.browser("client")
    page = await desk.post(base(cast.client) + "/owner", how="other", email="bad", kind="self")
    assert page.status == 422
    await fetch("UPDATE client SET birth_date = NULL WHERE id = {}", cast.client.id)
    page = await desk.post(base(cast.client) + "/owner", how="other", email="father@example.com", kind="self")
    assert page.errors == {"": "Put the full date of birth on the chart first: it is what the client confirms."}
    assert await is_signed_in(client) and await Invitation.count() == 0


async def test_to_revoke_one_is_asked_first(cast, desk):
    page = await desk.get(base(cast.client))
    sure = page.soup.select_one("details.sure")
    assert sure.summary.get_text(" ", strip=True) == "Revoke access" and not sure.has_attr("open")
    assert sure.select_one("form")["method"] == "post"


# Who may --------------------------------------------------------------------------------------------------------------

MAY = {
    "front_desk": "manage", "supervisor": "manage", "administrator": "manage", "clinician": "manage",
    "biller": "look", "privacy_officer": "look",
    "auditor": "", "other clinician": "", "client": "", "stranger": "", "guardian": "",
}  # fmt: skip


@pytest.mark.parametrize("part", list(MAY))
async def test_who_may_look_and_who_may_act(cast, part):
    browser = await cast.browser(part)
    shown = await browser.get(base(cast.client))
    assert shown.status == (200 if MAY[part] else 404)
    if MAY[part] == "look":
        assert not shown.soup.select("#portal_access form, #portal_access .btn")
    tried = [
        (await browser.get(base(cast.client) + "/activation")).status,
        (await browser.get(base(cast.client) + "/owner")).status,
        (await browser.post(base(cast.client) + "/resending")).status,
        (await browser.post(base(cast.client) + "/activation", how="print", kind="self")).status,
    ]
    assert tried == ([200, 200, 422, 422] if MAY[part] == "manage" else [404] * 4)
    await browser.post(base(cast.client) + "/revocation")
    live = len(await fetch("SELECT 1 FROM access_grant WHERE client = {} AND ends_at IS NULL", cast.client.id))
    assert live == (0 if MAY[part] == "manage" else 2)


async def test_a_clinician_acts_for_their_own_clients_only(cast):
    browser = await cast.browser("clinician")
    for act in ("revocation", "resending", "activation", "owner"):
        page = await browser.post(f"{base(cast.other)}/{act}", how="print", kind="self")
        assert page.status == 404, act
    assert (await browser.get(base(cast.other) + "/print")).status == 404
    assert await Invitation.count() == 0


async def test_staff_do_not_manage_their_own_access(cast, desk):
    await a_grant(cast.accounts["front_desk"], cast.other)
    assert (await desk.get(base(cast.other))).status == 404
    assert (await desk.post(base(cast.other) + "/revocation")).status == 404


@pytest.mark.parametrize("what", ["/activation", "/owner", "/resending", "/revocation", "/print", ""])
async def test_a_client_that_does_not_exist_is_not_there(desk, what):
    address = f"/staff/clients/999999{what}" if not what else f"/staff/clients/999999/portal-access{what}"
    assert (await desk.get(address)).status == 404
    if what in ("/activation", "/owner", "/resending", "/revocation"):
        assert (await desk.post(address, how="print", kind="self")).status == 404


async def test_what_was_done_is_in_the_audit(cast, desk, lena):
    await activated(desk, lena)
    await fetch("UPDATE invitation SET sent_at = sent_at - interval '2 minutes'")
    await desk.post(base(lena) + "/resending")
    await desk.get(base(lena) + "/print")
    await desk.post(base(lena) + "/revocation")
    rows = await fetch(
        "SELECT act, account_id, client_id, role FROM audit_row WHERE client_id = {}"
        " AND act <> ALL({}::text[]) ORDER BY id", lena.id, ["page.read", "client.added", "client_email.added"],
    )  # fmt: skip
    desk_id = cast.accounts["front_desk"].id
    assert [(row["act"], row["account_id"], row["client_id"], row["role"]) for row in rows] == [
        (act, desk_id, lena.id, "front_desk")
        for act in ("invitation.sent", "invitation.sent", "invitation.printed", "portal_access.revoked")
    ]


async def test_a_staff_account_can_be_invited_as_a_parent_and_stays_staff(cast, nobody):
    _, account = await a_member(Role.FRONT_DESK, "Rosa", "Delgado")
    child = await a_client("Sami", "Delgado")
    await open_link(nobody, await an_invitation(child, account.email, kind="guardian", holder_name="Rosa Delgado"))
    await nobody.signed_in(account.id)
    page = await nobody.press(await nobody.get("/registration"), "/registration", last_name="Delgado", **BORN)
    assert page.path == f"/clients/{child.id}"
    assert (await nobody.get("/staff/clients")).status == 200
    assert (await nobody.get(f"/staff/clients/{child.id}")).status == 404


@pytest.mark.parametrize(
    ("role", "work"),
    [(Role.AUDITOR, set()), (Role.FRONT_DESK, {"/staff/review"}), (Role.PRIVACY_OFFICER, {"/staff/clients"})],
)
async def test_who_works_here_and_acts_for_somebody_gets_no_tile_that_leads_nowhere(cast, role, work):
    await a_grant(cast.accounts[role], cast.client, kind="guardian")
    page = await (await cast.browser(role)).get("/")
    tiles = {str(one["href"]) for one in page.soup.select(".tile")}
    assert tiles == {f"/clients/{cast.client.id}"} | work
    assert ("portal audit verify" in page.words) == (role == Role.AUDITOR)
