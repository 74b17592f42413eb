"""The page of signing: what is signed, in which words, by typing or drawing; and the page of saying no."""

import pytest

from portal.database import fetch
from portal.documents.actions import adding, opening, sharing
from portal.documents.queries import kept
from portal.documents.tables import Purpose
from portal.documents.terms import Terms
from portal.signing.actions import consenting
from tests.browser import Browser, Page
from tests.documents.pages import landed, of_client
from tests.documents.test_sharing import state_of
from tests.factories import TEST, a_grant, an_account
from tests.filling.steps import maya
from tests.library.files import a_form, line
from tests.signing.acts import a_consent, drawing, initials, to_be_signed, told
from tests.uploads.files import a_pdf

SIGN = {"agree": "yes", "name": "Maya Reyes"}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def client(cast, request):
    return await cast.browser("client", htmx=request.param)


@pytest.fixture
async def document_id(cast) -> int:
    await a_consent(maya(cast))
    return await to_be_signed(cast)


def page_of(cast, document_id: int, what: str = "signature") -> str:
    return of_client(cast, f"{document_id}/{what}")


async def signed(client: Browser, page: Page, **more: str) -> Page:
    """Where somebody is who has just signed."""
    return await landed(client, await client.press(page, "/signature", **SIGN, **more))


async def signatures() -> list[dict[str, object]]:
    return await fetch("SELECT * FROM form_signature ORDER BY id")


async def test_before_the_first_signature_comes_the_consent_and_then_back(cast, client):
    document_id = await to_be_signed(cast)
    here = page_of(cast, document_id)
    page = await client.get(here, follow=False)
    assert page.status == 303 and page.headers["location"] == f"/electronic-records?back={here}"
    page = await client.get(here)
    assert page.heading == "Electronic records"
    assert here in [one["value"] for one in page.soup.select("[name=back]")]


async def test_it_says_what_is_signed_by_whom_and_in_which_words(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    assert page.status == 200 and page.heading == "Sign: Intake"
    assert "I have read “Intake” and sign it electronically. My name is my signature" in page.words
    assert "Who signs Maya Reyes" in page.words
    assert {page_of(cast, document_id, "preview"), page_of(cast, document_id, "form/review")} <= set(page.links())
    assert page.soup.select_one("#name")["value"] == "" and page.soup.select_one("#initials") is None
    assert page.soup.select_one("#drawn").has_attr("hidden")  # without scripts a name is typed


async def test_it_is_signed_and_stands_with_the_practice(cast, client, document_id):
    page = await signed(client, await client.get(page_of(cast, document_id)))
    assert page.path == of_client(cast, document_id) and page.pills() == ["With the practice"]
    (one,) = await signatures()
    assert (one["name"], one["how"], one["signer"], one["agent"][:5]) == ("Maya Reyes", "typed", "Maya Reyes", "pytho")
    assert one["session"] and one["authentication"].startswith("password, 20")
    again = await client.get(page_of(cast, document_id), follow=False)
    assert again.status == 303 and again.headers["location"] == of_client(cast, document_id)


async def test_pressed_twice_it_is_one_signature_and_no_complaint(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    for _ in range(2):
        answer = await signed(client, page)
        assert answer.status == 200 and answer.path == of_client(cast, document_id)
    assert len(await signatures()) == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, ["agree", "name"]),
        ({"name": "Maya Reyes"}, ["agree"]),
        ({"agree": "yes", "name": " - "}, ["name"]),
        ({"agree": "yes", "name": "x" * 121}, ["name"]),
        ({**SIGN, "how": "drawn"}, ["drawing"]),
        ({**SIGN, "how": "drawn", "drawing": "data:image/png;base64,%%%"}, ["drawing"]),
        ({**SIGN, "how": "drawn", "drawing": told(b"x" * 200_001)}, ["drawing"]),
        ({**SIGN, "how": "drawn", "drawing": told(b"no picture")}, ["drawing"]),
        ({**SIGN, "seen": "x"}, [""]),
        ({**SIGN, "meant": "x"}, [""]),
    ],
)  # fmt: skip
async def test_what_is_missing_or_wrong_is_said_beside_it_and_nothing_is_signed(
    cast, client, document_id, typed, wrong
):
    page = await client.press(await client.get(page_of(cast, document_id)), "/signature", **typed)
    assert page.status == 422 and sorted(page.errors) == sorted(wrong)
    assert page.value("name") == typed.get("name", "") and page.value("drawing") == typed.get("drawing", "")
    assert page.value("seen") not in ("", "x")
    assert await signatures() == [] and await state_of(document_id) == "opened"


async def test_a_drawing_goes_along_with_the_name(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    page = await signed(client, page, how="drawn", drawing=told(drawing()))
    assert page.pills() == ["With the practice"]
    assert [(one["how"], one["name"]) for one in await signatures()] == [("drawn", "Maya Reyes")]


async def test_a_drawing_that_was_not_chosen_is_not_kept(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    await client.press(page, "/signature", **SIGN, how="typed", drawing=told(drawing()))
    assert [(one["how"], one["image_key"]) for one in await signatures()] == [("typed", "")]


async def test_initials_are_asked_for_where_the_form_has_a_place_for_them(cast, client):
    await a_consent(maya(cast))
    form = a_form(line("full_name", TU="Full name"), initials("one", Ff=2))
    document_id = await to_be_signed(cast, form)
    page = await client.get(page_of(cast, document_id))
    assert "They are put on the page that asks for them: page 1." in page.words
    page = await client.press(page, "/signature", **SIGN)
    assert page.errors == {"initials": "Type your initials: the form asks for them"}
    await client.press(page, "/signature", **SIGN, initials=" M R ")
    assert [one["initials"] for one in await signatures()] == ["M R"]


async def test_a_form_that_is_not_whole_leads_back_to_it(cast, client, document_id):
    await fetch("DELETE FROM form_draft")
    page = await client.get(page_of(cast, document_id))
    assert "Something is not filled in yet" in page.words and page_of(cast, document_id, "form") in page.links()
    assert page.soup.select_one("form[action$=signature]") is None
    page = await client.post(page_of(cast, document_id), **SIGN)
    assert page.status == 422 and await signatures() == []


async def test_a_file_is_opened_first_and_then_signed(cast, client):
    await a_consent(maya(cast))
    document_id = await adding.add_file(TEST, cast.client.id, "plan.pdf", a_pdf(), title="Plan", once="x")
    await sharing.share(TEST, document_id, 1, Terms(purpose=Purpose.SIGN))
    page = await client.get(page_of(cast, document_id))
    assert "Read it first" in page.words and page.soup.select_one("form[action$=signature]") is None
    page = await client.press(page, "/opening", act="open")
    assert page.path == page_of(cast, document_id, "preview")
    page = await signed(client, await client.get(page_of(cast, document_id)))
    assert page.pills() == ["With the practice"] and len(await signatures()) == 1


async def test_a_parent_signs_as_a_parent(cast, document_id):
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian")
    cast.accounts["parent"] = account
    parent = await cast.browser("parent")
    page = await parent.get(page_of(cast, document_id))
    assert page.heading == "Electronic records"  # each account agrees for itself
    await fetch("UPDATE electronic_consent SET withdrawn_at = now() WHERE withdrawn_at IS NULL")
    await fetch(
        "INSERT INTO electronic_consent (account, language, wording, wording_sha256, code, tries, asked_at, given_at)"
        " VALUES ({}, 'en', 'x', 'x', 'x', 0, now(), now())",
        account.id,
    )
    page = await parent.get(page_of(cast, document_id))
    assert "as parent or guardian of Maya Reyes" in page.words and "For Maya Reyes" in page.words
    await parent.press(page, "/signature", agree="yes", name="Ana Reyes")
    (one,) = await signatures()
    assert (one["relation"], one["signer"], one["account"]) == ("guardian", "Ana Reyes", account.id)
    assert "as parent or guardian of Maya Reyes" in one["intent"]


async def test_in_spanish_the_sentence_and_the_signature_are_spanish(cast, document_id):
    await fetch("UPDATE account SET language = 'es'")
    client = await cast.browser("client")
    page = await client.get(page_of(cast, document_id))
    assert page.heading == "Firme: Admisión" and "He leído «Admisión» y lo firmo electrónicamente." in page.words
    await client.press(page, "/signature", **SIGN)
    (one,) = await signatures()
    assert (
        one["language"] == "es"
        and one["intent"].startswith("He leído «Admisión»")
        and one["button"] == "Firmar y enviar"
    )


async def test_who_changes_the_language_in_another_tab_signs_what_stood_on_the_page(cast, document_id):
    client = await cast.browser("client")
    page = await client.get(page_of(cast, document_id))
    await fetch("UPDATE account SET language = 'es'")
    assert (await client.press(page, "/signature", **SIGN)).status == 200
    assert [one["language"] for one in await signatures()] == ["en"]


async def test_what_is_taken_back_or_over_meanwhile_is_refused_kindly(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    await fetch("UPDATE document SET state = 'expired'")
    answer = await client.press(page, "/signature", **SIGN)
    assert answer.status == 422 and "It cannot be signed as it stands now. Nothing was signed or sent." in answer.words
    await fetch("UPDATE document SET state = 'opened'")
    await sharing.withdraw(TEST, document_id, (await kept.document(TEST, document_id)).version, "The wrong one")
    for what, typed in (("signature", SIGN), ("declining", {"common_reason": "paper"})):
        answer = await landed(client, await client.post(page_of(cast, document_id, what), **typed))
        assert answer.path == of_client(cast) and "has taken this document back meanwhile" in answer.words
        assert (await client.get(page_of(cast, document_id, what))).status == 404
    assert await signatures() == []


async def test_who_has_taken_the_consent_back_is_asked_for_it_again(cast, client, document_id):
    page = await client.get(page_of(cast, document_id))
    await consenting.withdraw(maya(cast))
    answer = await client.press(page, "/signature", **SIGN)
    assert answer.status == 422 and "You took your agreement to electronic records back" in answer.words
    assert (await client.get(page_of(cast, document_id))).heading == "Electronic records"


async def test_a_reason_is_chosen_and_the_practice_told(cast, client, document_id):
    page = await client.get(of_client(cast, document_id))
    assert page_of(cast, document_id, "declining") in page.links()
    page = await client.get(page_of(cast, document_id, "declining"))
    wrong = await client.press(page, "/declining", reason="Not now")
    assert wrong.status == 422 and wrong.errors == {"common_reason": "Choose a reason"} and "Not now" in wrong.text
    wrong = await client.press(page, "/declining", common_reason="other")
    assert wrong.errors == {"reason": "Say why in a few words"}
    pressed = await client.press(page, "/declining", common_reason="questions", reason="What is section 3?")
    done = await landed(client, pressed)
    assert done.path == of_client(cast, document_id) and done.pills() == ["Declined"]
    page = await client.get(page_of(cast, document_id, "declining"))
    assert "There is nothing to say no to" in page.words


async def test_what_was_shared_to_read_is_neither_signed_nor_declined(cast, client):
    document_id = await adding.add_file(TEST, cast.client.id, "plan.pdf", a_pdf(), title="Plan", once="x")
    await sharing.share(TEST, document_id, 1, Terms())
    await opening.opened(maya(cast), cast.client.id, document_id)
    assert (await client.get(page_of(cast, document_id))).status == 404
    assert (await client.post(page_of(cast, document_id), **SIGN)).status == 404
    assert (await client.post(page_of(cast, document_id, "declining"), common_reason="paper")).status == 404
    assert page_of(cast, document_id, "declining") not in (await client.get(of_client(cast, document_id))).links()
