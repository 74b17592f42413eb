"""Invitations: seven days, derived, one live for each client, consumed by nobody who only looks."""

import pytest
from asyncpg import UniqueViolationError

from portal import clock
from portal.accounts import links
from portal.accounts.actions import invitation
from portal.accounts.tables import Invitation
from portal.database import fetch
from portal.notifications import letters
from portal.refusal import Refused
from tests.accounts.steps import code_of, open_code, open_link, row_of, token_of
from tests.browser import Browser
from tests.factories import TEST, a_client, a_grant, a_practice, an_account, an_invitation, link_to


@pytest.fixture
async def maya(db):
    await a_practice()
    return await a_client()


async def everything_stored() -> str:
    tables = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for table in tables for row in await fetch(f'SELECT t::text AS said FROM "{table["tablename"]}" t')]
    return "\n".join(row["said"] for row in rows)


async def items() -> list[tuple[str, int, str, bool]]:
    rows = await fetch("SELECT kind, client, url, settled_at FROM review_item ORDER BY id")
    return [(row["kind"], row["client"], row["url"], row["settled_at"] is None) for row in rows]


async def test_a_link_works_for_seven_days_and_not_a_second_longer(maya, nobody):
    link = link_to(await an_invitation(maya))
    with clock.shifted(days=7, seconds=-30):
        page = await nobody.get(link)
        assert (page.status, page.heading) == (200, "Welcome to your client portal")
    with clock.shifted(days=7, seconds=1):
        page = await nobody.get(link)
        assert (page.status, page.heading) == (410, "This link does not work any more")


async def test_neither_the_link_nor_the_code_is_stored_anywhere(maya, nobody):
    row = await an_invitation(maya)
    await open_link(nobody, row)
    await open_code(nobody, row)
    await nobody.get(link_to(row))
    stored = await everything_stored()
    code = code_of(row)
    assert "maya@example.com" in stored
    for secret in (token_of(row).split("-")[1], code, code.replace("-", ""), code.lower()):
        assert secret not in stored


async def test_the_letter_derives_the_same_link_and_code_again(maya):
    row = await an_invitation(maya)
    told = await letters.invitation(row.id)
    assert told is not None
    assert told["url"] == "http://portal.test" + link_to(row)
    assert (told["code"], told["code_url"]) == (code_of(row), "http://portal.test/invitation")
    assert told["expires_at"] == row.expires_at


async def test_a_link_that_was_resent_kills_the_old_one(maya, nobody):
    old = await an_invitation(maya)
    with pytest.raises(Refused):
        await invitation.resend(TEST, maya.id)
    with clock.shifted(seconds=61):
        new = await invitation.resend(TEST, maya.id)
    assert (await nobody.get(link_to(old))).status == 410
    assert (await nobody.get(link_to(new))).status == 200
    page = await open_code(nobody, old)
    assert page.errors == {"code": "That code is not right, or it is no longer valid. Check it against the letter."}
    assert await letters.invitation(old.id) is None


async def test_a_resent_invitation_goes_to_the_same_person_and_lives_seven_days_anew(maya):
    first = await an_invitation(maya, "tia@example.com", kind="guardian", holder_name="Tía Ángeles", language="es")
    with clock.shifted(days=8):
        again = await invitation.resend(TEST, maya.id)
        assert again.expires_at - clock.now() > invitation.LIVES - (clock.now() - again.sent_at) * 2
    told = (again.email, again.kind, again.holder_name, again.language, again.state)
    assert told == ("tia@example.com", "guardian", "Tía Ángeles", "es", "open")
    assert bytes(again.nonce) != bytes(first.nonce)


async def test_only_one_is_live_for_each_client_whatever_is_written_to_the_table(maya):
    row = await an_invitation(maya)
    again = Invitation(**{name: value for name, value in row.to_dict().items() if name != "id"})
    with pytest.raises(UniqueViolationError):
        await again.save()
    await an_invitation(maya)
    rows = await fetch("SELECT state FROM invitation ORDER BY id")
    assert [one["state"] for one in rows] == ["replaced", "open"]


async def test_another_clients_invitation_is_another_matter(maya, nobody):
    other = await an_invitation(await a_client("Jonah", "Whitfield"), "jonah@example.com")
    await an_invitation(maya)
    assert (await nobody.get(link_to(other))).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_scanner_that_looks_at_the_link_consumes_nothing(maya, nobody, method):
    row = await an_invitation(maya)
    before = await fetch("SELECT i::text AS said FROM invitation i")
    for _ in range(20):
        await nobody.http.request(method, link_to(row))
    assert await fetch("SELECT i::text AS said FROM invitation i") == before
    assert (await open_link(nobody, row)).heading == "Confirm who this is for"


async def test_pressing_the_button_consumes_nothing_either_and_the_token_leaves_the_address(maya, nobody):
    row = await an_invitation(maya)
    for _ in range(3):
        page = await open_link(nobody, row)
        assert page.path == "/registration" and token_of(row) not in page.text
    assert (await row_of(maya.id)).state == "open"


async def test_the_page_of_a_link_is_kept_by_no_cache_and_told_to_no_other_site(maya, nobody):
    page = await nobody.get(link_to(await an_invitation(maya)))
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "same-origin")


async def test_an_expired_link_says_so_gives_the_phone_number_and_a_button(maya, nobody):
    row = await an_invitation(maya)
    with clock.shifted(days=8):
        page = await nobody.get(link_to(row))
        assert "Invitations last seven days" in page.words and "(443) 555-0142" in page.words
        assert "tel:+14435550142" in page.links()
        asked = await nobody.press(page, "/renewal")
    assert (asked.path, asked.heading) == ("/renewal-asked", "The office has been asked")
    assert await items() == [("invitation.renewal_asked", maya.id, f"/staff/clients/{maya.id}", True)]


async def test_asking_ten_times_asks_once_and_a_new_invitation_settles_it(maya, nobody):
    row = await an_invitation(maya)
    with clock.shifted(days=8):
        for _ in range(10):
            await nobody.post(f"{link_to(row)}/renewal")
        assert len(await items()) == 1
        await invitation.resend(TEST, maya.id)
    assert [one[3] for one in await items()] == [False]


async def test_a_link_that_works_or_has_been_used_asks_for_nothing(maya, nobody):
    row = await an_invitation(maya)
    await nobody.post(f"{link_to(row)}/renewal")
    await Invitation.update({Invitation.state: "used"}).where(Invitation.id == row.id)
    page = await nobody.post(f"{link_to(row)}/renewal")
    assert page.heading == "The office has been asked"
    assert await items() == []


async def test_the_answer_to_asking_is_the_same_for_a_link_that_was_never_ours(maya, nobody):
    page = await nobody.post("/invitation/1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/renewal")
    assert page.heading == "The office has been asked"
    assert await items() == []


async def test_a_used_link_leads_to_sign_in(maya, nobody):
    row = await an_invitation(maya)
    await Invitation.update({Invitation.state: "used"}).where(Invitation.id == row.id)
    page = await nobody.get(link_to(row))
    assert (page.status, page.heading) == (410, "This invitation has been used") and "/sign-in" in page.links()


@pytest.mark.parametrize("state", ["used", "locked", "replaced", "revoked"])
async def test_only_an_open_invitation_is_opened_by_its_link(maya, nobody, state):
    row = await an_invitation(maya)
    shown = await nobody.get(link_to(row))
    await Invitation.update({Invitation.state: state}).where(Invitation.id == row.id)
    page = await nobody.press(shown, link_to(row))
    assert page.status == 410 and "portal-invitation" not in nobody.http.cookies


async def test_a_token_that_was_tampered_with_is_no_link_of_ours(maya, nobody):
    row, other = await an_invitation(maya), await an_invitation(await a_client("Jonah", "Whitfield"), "j@example.com")
    number, mac = token_of(row).split("-")
    tampered = [
        f"{number}-{mac[:-1]}",
        f"{number}-{mac}a",
        f"{number}-{mac[::-1]}",
        f"{other.id}-{mac}",
        f"0{number}-{mac[1:]}",
    ]
    tampered += [
        f"{number}-{mac[:place]}{'a' if mac[place] != 'a' else 'b'}{mac[place + 1 :]}" for place in range(len(mac))
    ]
    tampered += [
        number,
        f"{number}-",
        f"-{mac}",
        mac,
        f"{10**18}-{mac}",
        f"{10**30}-{mac}",
        f"²-{mac}",
        f"-1-{mac}",
        "x",
    ]
    tampered += [links.token("reset", row.id, bytes(row.nonce), row.key_id), "%00", "a" * 5000, "日本"]
    for token in tampered:
        page = await nobody.get(f"/invitation/{token}")
        assert (page.status, page.heading) == (410, "We cannot read this link"), token
        assert (await nobody.post(f"/invitation/{token}")).heading == "We cannot read this link", token
    assert "portal-invitation" not in nobody.http.cookies


async def test_a_link_in_capitals_is_the_same_link(maya, nobody):
    """Some mail programs and some people change the case."""
    row = await an_invitation(maya)
    assert (await nobody.get(f"/invitation/{token_of(row).upper()}")).status == 200


def typed_ways(code: str) -> list[str]:
    return [
        code,
        code.lower(),
        code.replace("-", ""),
        " ".join(code),
        code.replace("-", "–"),
        f"  {code}\t",
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
    ]


async def test_a_code_is_read_as_it_was_meant(maya, nobody):
    row = await an_invitation(maya)
    for typed in typed_ways(code_of(row)):
        page = await nobody.post("/invitation", code=typed)
        assert page.heading == "Confirm who this is for", typed


def test_a_code_has_eight_characters_that_nobody_mistakes():
    codes = [links.code("invitation", bytes([n] * 16), key) for n in range(200) for key in [None]]
    assert all(len(code) == 9 and code[4] == "-" for code in codes)
    assert set("".join(codes)) - {"-"} == set(links.ALPHABET)
    assert len(set(codes)) == 200


@pytest.mark.parametrize(
    "typed", ["", "AAAA-AAAA", "K7QM", "K7QM-2XRD-K7QM-2XRD", "' OR 1=1 --", "日本語日本語日本", "\0" * 8]
)
async def test_a_code_that_opens_nothing_says_so_beside_the_field(maya, nobody, typed):
    page = await nobody.post("/invitation", code=typed)
    assert page.status == 422
    assert page.errors == {"code": "That code is not right, or it is no longer valid. Check it against the letter."}


@pytest.mark.parametrize("state", ["used", "locked", "replaced", "revoked"])
async def test_the_code_dies_with_its_link(maya, nobody, state):
    row = await an_invitation(maya)
    await Invitation.update({Invitation.state: state}).where(Invitation.id == row.id)
    assert (await open_code(nobody, row)).status == 422


async def test_an_expired_code_leads_to_the_button_that_asks_for_a_new_one(maya, nobody):
    row = await an_invitation(maya)
    with clock.shifted(days=8):
        page = await open_code(nobody, row)
        assert (page.status, page.heading) == (410, "This link does not work any more")
        assert (await nobody.press(page, "/renewal")).heading == "The office has been asked"
    assert "portal-invitation" not in nobody.http.cookies


async def test_guessing_codes_is_slowed_down_for_this_address_and_not_for_another(maya, nobody):
    row = await an_invitation(maya)
    with clock.stopped():
        for _ in range(5):
            assert (await nobody.post("/invitation", code="AAAA-AAAA")).status == 422
        page = await nobody.post("/invitation", code=code_of(row))
        assert (page.status, page.headers["retry-after"]) == (429, "2")
        assert page.errors == {"": "Too many tries. Wait 2 seconds, then try again."}
        async with Browser(address="198.51.100.7") as other:
            assert (await open_code(other, row)).heading == "Confirm who this is for"
        with clock.shifted(seconds=3):
            assert (await open_code(nobody, row)).heading == "Confirm who this is for"


async def test_a_right_code_forgets_the_wrong_ones(maya, nobody):
    row = await an_invitation(maya)
    for _ in range(2):
        for _ in range(4):
            await nobody.post("/invitation", code="AAAA-AAAA")
        assert (await open_code(nobody, row)).heading == "Confirm who this is for"


async def test_wrong_codes_from_one_address_end_after_ten_in_five_minutes_however_long_one_waits_between(maya, nobody):
    row = await an_invitation(maya)
    answers = []
    for turn in range(12):
        with clock.shifted(seconds=turn * 20):
            answers.append((await nobody.post("/invitation", code="AAAA-AAAA")).status)
    assert answers.count(422) <= 10 and answers[-1] == 429
    with clock.shifted(minutes=30):
        assert (await open_code(nobody, row)).status == 200


async def test_the_printed_page_shows_what_opens_the_invitation_and_the_panel_does_not(cast, nobody):
    desk = await cast.browser("front_desk")
    row = await an_invitation(cast.other, "")
    page = await desk.get(f"/staff/clients/{cast.other.id}/portal-access/print")
    assert (page.status, page.heading) == (200, "Your client portal invitation")
    assert code_of(row) in page.words and "http://portal.test/invitation" in page.words and page.soup.select("svg.qr")
    for shown in (f"/staff/clients/{cast.other.id}", f"/staff/clients/{cast.other.id}/portal-access"):
        text = (await desk.get(shown)).text
        assert code_of(row) not in text and token_of(row) not in text


@pytest.mark.parametrize("ended", ["expired", "revoked", "used"])
async def test_what_does_not_work_any_more_is_not_printed(cast, ended):
    desk = await cast.browser("front_desk")
    row = await an_invitation(cast.other, "")
    if ended != "expired":
        await Invitation.update({Invitation.state: ended}).where(Invitation.id == row.id)
    address = f"/staff/clients/{cast.other.id}/portal-access/print"
    with clock.shifted(days=8 if ended == "expired" else 0):
        desk = await cast.browser("front_desk")
        page = await desk.get(address)
    assert (page.status, page.errors) == (422, {"": "There is no open invitation to print. Send a new one first."})
    assert code_of(row) not in page.text


async def test_a_dead_client_and_one_without_a_birth_date_are_not_invited(cast):
    from datetime import date

    desk = await cast.browser("front_desk")
    dead = await a_client("Ida", "Moss", deceased_on=date(2026, 1, 1))
    unborn = await a_client("Al", "Fern", born=None)
    said = []
    for client in (dead, unborn):
        page = await desk.post(
            f"/staff/clients/{client.id}/portal-access/activation", how="other", email="x@example.com", kind="self"
        )
        said.append((page.status, page.errors[""]))
    assert said == [
        (422, "This client has died. Portal access cannot be opened."),
        (422, "Put the full date of birth on the chart first: it is what the client confirms."),
    ]
    assert await fetch("SELECT 1 FROM invitation") == []


async def test_a_key_that_is_replaced_keeps_its_links_alive_and_one_that_is_gone_ends_them(maya, nobody, secret_keys):
    row = await an_invitation(maya)
    link, code, old = link_to(row), code_of(row), secret_keys()
    secret_keys("a newer secret for tests only, 40 letters", old)
    assert (await open_link(nobody, row)).heading == "Confirm who this is for"
    assert (await open_code(nobody, row)).heading == "Confirm who this is for"
    assert (await an_invitation(await a_client("New", "Key"), "new@example.com")).key_id != row.key_id
    secret_keys("a newer secret for tests only, 40 letters")
    assert (await nobody.get(link)).heading == "We cannot read this link"
    assert (await nobody.post("/invitation", code=code)).status == 422


async def test_whoever_holds_access_is_not_invited_beside_themselves(cast):
    desk = await cast.browser("front_desk")
    page = await desk.post(
        f"/staff/clients/{cast.client.id}/portal-access/activation", how="other", email="x@example.com", kind="self"
    )
    assert page.errors == {"": "Somebody holds portal access already. Choose “Change owner” instead."}
    assert await fetch("SELECT 1 FROM invitation") == [] and await fetch("SELECT 1 FROM event") == []


async def test_an_old_page_does_not_reopen_what_was_revoked_or_locked_meanwhile(cast):
    """`Resend` on a panel that somebody else has overtaken."""
    desk = await cast.browser("front_desk")
    for state in ("revoked", "locked", "used"):
        row = await an_invitation(cast.other, "jonah@example.com")
        await fetch("UPDATE access_grant SET ends_at = now() WHERE client = {}", cast.other.id)
        await Invitation.update({Invitation.state: state}).where(Invitation.id == row.id)
        page = await desk.post(f"/staff/clients/{cast.other.id}/portal-access/resending")
        assert page.errors == {"": "There is no invitation to send again. Activate portal access instead."}
    assert await fetch("SELECT 1 FROM invitation WHERE state = 'open'") == []


async def test_resending_where_somebody_has_just_registered_opens_no_second_way_in(cast):
    await an_invitation(cast.other, "jonah@example.com")
    await a_grant(await an_account("new@example.com"), cast.other)
    with clock.shifted(seconds=61):
        desk = await cast.browser("front_desk")
        page = await desk.post(f"/staff/clients/{cast.other.id}/portal-access/resending")
    assert page.errors == {"": "Somebody holds portal access already. Choose “Change owner” instead."}
    assert [row["state"] for row in await fetch("SELECT state FROM invitation")] == ["open"]


async def test_the_longest_name_can_be_invited(db):
    await a_practice()
    client = await a_client("A" * 100, "B" * 100, suffix="C" * 20)
    assert len((await an_invitation(client)).holder_name) == 200
