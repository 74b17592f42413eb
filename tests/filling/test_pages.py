"""A form is filled in part by part or all at once, looked over, and sent: in a plain browser and with htmx."""

import pytest

from portal import storage
from portal.database import fetch
from portal.documents.actions import sharing
from portal.documents.tables import Purpose
from tests.cast import Cast
from tests.documents.pages import landed, of_client, rows
from tests.documents.steps import shared
from tests.documents.test_sharing import happened, state_of
from tests.factories import TEST, a_grant, an_account
from tests.filling.steps import EVERYTHING, answered, drafted, with_client
from tests.test_queries import _nothing_by_the_clock, asked  # noqa: F401
from tests.web.everything import changed, digest

FIRST = {"q-0": "Maya Reyes", "q-1_month": "4", "q-1_day": "17", "q-1_year": "1991", "q-2": "ABC 123"}
SECOND = {
    "q-5": "One\n\ntwo", "q-6": "2 By mail", "q-7": "", "q-7_other": "Old Town", "q-8": ["1 Monday", "2 Friday"],
    "q-9": "1 By phone", "q-10": "1 Yes",
}  # fmt: skip
ANSWERS = {
    "full_name": ["Maya Reyes"], "born": ["1991-04-17"], "plate": ["ABC 123"], "story": ["One\n\ntwo"], "reach": ["m"],
    "pharmacy": ["Old Town"], "days": ["1", "2"], "voice": ["p"], "agrees": ["Yes"],
}  # fmt: skip
REQUIRED = {"q-0": "Fill in: Full name", "q-1": "Enter the date: Date of birth"}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def client(cast, request):
    return await cast.browser("client", htmx=request.param)


@pytest.fixture
async def document_id(cast: Cast) -> int:
    return await with_client(cast)


async def press(browser, page, action, typed=None, **more):
    return await landed(browser, await browser.press(page, action, typed, **more))


async def filled_in(cast, browser, document_id):
    """Part by part, up to where it is looked over."""
    page = await browser.get(of_client(cast, f"{document_id}/form"))
    page = await press(browser, page, "/form/pages/1", FIRST)
    return await press(browser, page, "/form/pages/3", SECOND)


async def test_it_is_filled_in_part_by_part_looked_over_and_sent(cast, client, document_id):
    page = await client.get(of_client(cast, document_id))
    assert "Please fill it in" in page.words
    page = await client.press(page, "/opening", act="fill")
    assert page.path == of_client(cast, f"{document_id}/form/pages/1") and "Part 1 of 2" in page.words
    page = await press(client, page, "/form/pages/1", FIRST)
    assert page.path == of_client(cast, f"{document_id}/form/pages/3") and "Part 2 of 2" in page.words
    page = await press(client, page, "/form/pages/3", SECOND)
    assert page.path == of_client(cast, f"{document_id}/form/review")
    assert await answered(document_id) == ANSWERS and await state_of(document_id) == "in_progress"
    told = {
        one.dt.get_text(" ", strip=True): one.dd.get_text("|", strip=True) for one in page.soup.select(".facts > div")
    }
    assert told == {
        "Full name": "Maya Reyes", "Date of birth": "April 17, 1991", "License plate": "ABC 123",
        "In your own words": "One\n\ntwo", "How to reach you": "By mail", "Pharmacy": "Old Town",
        "Good days": "Monday|Friday", "May we leave a message": "By phone", "I agree": "Ticked",
    }  # fmt: skip
    page = await press(client, page, "/form/review")
    assert page.path == of_client(cast, document_id) and page.pills() == ["With the practice"]
    assert "Sent. The practice looks it over" in page.words
    assert await happened(document_id) == ["added", "shared", "opened", "started", "sent"]
    (sent,) = await fetch("SELECT number, answers::text AS answers FROM form_submission")
    assert sent["number"] == 1 and "ABC 123" in sent["answers"]


async def test_what_must_be_filled_in_is_said_at_its_field_and_everything_else_is_kept(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/1"))
    page = await press(client, page, "/form/pages/1", {"q-2": "ABC 123"})
    assert page.status == 422 and page.errors == REQUIRED
    assert [one["href"] for one in page.soup.select("#errors a")] == ["#q-0", "#q-1"]
    assert page.value("q-2") == "ABC 123" and await answered(document_id) == {"plate": ["ABC 123"]}
    assert page.soup.select_one("#q-0")["aria-invalid"] == "true"
    page = await press(client, page, "/form/pages/1", FIRST)
    assert page.path.endswith("/form/pages/3")


async def test_what_does_not_fit_is_given_back_as_it_was_typed(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/1"))
    wrong = {**FIRST, "q-2": "MUCH TOO LONG", "q-1_day": "31"}
    for act in ("", "stop", "back"):
        told = await press(client, page, "/form/pages/1", wrong, act=act)
        assert told.status == 422 and told.errors == {
            "q-1": "Check the date, with the year in four digits: Date of birth",
            "q-2": "Use 7 characters or fewer: License plate",
        }
        assert (told.value("q-2"), told.value("q-1_day")) == ("MUCH TOO LONG", "31")
    assert await answered(document_id) == {"full_name": ["Maya Reyes"]}


async def test_one_stops_and_goes_on_elsewhere(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form"))
    page = await press(client, page, "/form/pages/1", {"q-0": "Maya Reyes"}, act="stop")
    assert page.path == of_client(cast, document_id) and page.pills() == ["In progress"]
    assert "Saved. You can go on whenever you like, on any device." in page.words
    other = await cast.browser("client")
    page = await other.get(of_client(cast, document_id))
    assert "You have begun to fill it in" in page.words
    page = await other.get(of_client(cast, f"{document_id}/form"))
    assert page.path.endswith("/form/pages/1") and page.value("q-0") == "Maya Reyes" and "Saved, " in page.words
    page = await press(other, page, "/form/pages/1", FIRST)
    page = await other.get(of_client(cast, f"{document_id}/form"))
    assert page.path.endswith("/form/pages/3")
    page = await press(other, page, "/form/pages/3", {"q-5": "One", "act": "back"})
    assert page.path.endswith("/form/pages/1") and (await answered(document_id))["story"] == ["One"]
    await press(other, await other.get(of_client(cast, f"{document_id}/form/pages/3")), "/form/pages/3", SECOND)
    assert (await other.get(of_client(cast, f"{document_id}/form"))).path.endswith("/form/review")


async def test_all_of_it_stands_on_one_page_too(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/1"))
    assert of_client(cast, f"{document_id}/form/all") in page.links()
    page = await client.get(of_client(cast, f"{document_id}/form/all"))
    told = await press(client, page, "/form/all", SECOND)
    assert told.status == 422 and told.errors == REQUIRED and "q-10" in told.text
    page = await press(client, told, "/form/all", {**FIRST, **SECOND})
    assert page.path.endswith("/form/review") and await answered(document_id) == ANSWERS


async def test_what_is_missing_stands_above_the_review_and_leads_to_its_field_and_back(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/3"))
    await press(client, page, "/form/pages/3", {**SECOND, "q-10": None}, act="stop")
    page = await client.get(of_client(cast, f"{document_id}/form/review"))
    assert page.status == 200 and page.soup.select_one("form[action$=review]") is None
    summary = [(one.get_text(), one["href"]) for one in page.soup.select("#errors a")]
    there = of_client(cast, f"{document_id}/form/pages")
    assert summary == [
        ("Not filled in: Full name", f"{there}/1?then=review#q-0"),
        ("Not filled in: Date of birth", f"{there}/1?then=review#q-1"),
        ("Not filled in: I agree", f"{there}/3?then=review#q-10"),
    ]
    page = await client.get(f"{there}/3?then=review")
    assert page.soup.select_one("#q-10") is not None
    page = await press(client, page, "/form/pages/3?then=review", {"q-10": "1 Yes"})
    assert page.path.endswith("/form/review") and len(page.soup.select("#errors a")) == 2


async def test_each_answer_is_changed_from_the_review(cast, client, document_id):
    page = await filled_in(cast, client, document_id)
    change = next(one for one in page.soup.select(".act a") if "License plate" in one.get_text())
    page = await client.get(change["href"].partition("#")[0])
    page = await press(client, page, "/form/pages/1?then=review", {"q-2": "XYZ 9"})
    assert page.path.endswith("/form/review") and "XYZ 9" in page.words


async def test_what_is_changed_while_it_is_looked_over_is_looked_over_again(cast, client, document_id):
    page = await filled_in(cast, client, document_id)
    other = await cast.browser("client")
    there = await other.get(of_client(cast, f"{document_id}/form/pages/1"))
    await press(other, there, "/form/pages/1", {"q-0": "Maya R."})
    told = await press(client, page, "/form/review")
    assert told.status == 422 and "Something was changed meanwhile" in told.words and "Maya R." in told.words
    done = await press(client, told, "/form/review")
    assert done.pills() == ["With the practice"]


async def test_pressed_twice_it_is_sent_once(cast, client, document_id):
    page = await filled_in(cast, client, document_id)
    for _ in range(2):
        done = await press(client, page, "/form/review")
        assert done.path == of_client(cast, document_id) and done.pills() == ["With the practice"]
    assert len(await fetch("SELECT id FROM form_submission")) == 1


@pytest.mark.parametrize("rest", ["review", "pages/1", "pages/3", "all"])
async def test_blank_required_fields_are_sent_by_no_address(cast, client, document_id, rest):
    page = await filled_in(cast, client, document_id)
    seen = page.value("seen")
    await fetch("UPDATE form_draft SET answers = {}", "{}")
    for typed in ({}, {"seen": seen}, {"seen": "0" * 64, "act": "stop"}, {"q-0": " ", "q-10": "", "act": "send"}):
        await client.post(of_client(cast, f"{document_id}/form/{rest}"), **typed)
    assert await state_of(document_id) == "in_progress" and not await fetch("SELECT id FROM form_submission")


async def test_two_devices_are_told_of_each_other_and_nothing_is_lost(cast, client, document_id):
    address = of_client(cast, f"{document_id}/form/pages/1")
    mine, other = await client.get(address), await cast.browser("client")
    theirs = await other.get(address)
    await press(other, theirs, "/form/pages/1", {"q-0": "Maya R.", "q-2": "OTHER"}, act="stop")
    told = await press(client, mine, "/form/pages/1", {**FIRST, "q-2": ""})
    assert told.status == 422 and told.errors == {
        "q-0": "Answered meanwhile on another device: “Maya R.”. Save again to keep yours: Full name"
    }
    assert told.value("q-0") == "Maya Reyes"
    kept = {"full_name": ["Maya R."], "born": ["1991-04-17"], "plate": ["OTHER"]}
    assert await answered(document_id) == kept
    done = await press(client, told, "/form/pages/1", {"q-2": "OTHER"})
    assert done.path.endswith("/form/pages/3") and await answered(document_id) == {**kept, "full_name": ["Maya Reyes"]}


async def test_what_one_left_alone_stands_as_the_other_device_answered_it(cast, client, document_id):
    address = of_client(cast, f"{document_id}/form/pages/1")
    mine, other = await client.get(address), await cast.browser("client")
    await press(other, await other.get(address), "/form/pages/1", {"q-0": "Maya R."}, act="stop")
    told = await press(client, mine, "/form/pages/1", {"q-2": "MUCH TOO LONG"}, act="stop")
    assert told.status == 422 and list(told.errors) == ["q-2"] and told.value("q-0") == "Maya R."
    await press(client, told, "/form/pages/1", {"q-2": "ABC"}, act="stop")
    assert await answered(document_id) == {"full_name": ["Maya R."], "plate": ["ABC"]}


async def test_a_page_that_saves_itself_knows_no_answer_that_it_does_not_show(cast, document_id):
    browser, other = await cast.browser("client", htmx=True), await cast.browser("client")
    address = of_client(cast, f"{document_id}/form/pages/1")
    mine = await browser.get(address)
    await press(other, await other.get(address), "/form/pages/1", {"q-0": "Maya R."}, act="stop")
    saved = await browser.post(f"{address}/draft", **{"q-0": "", "q-2": "ABC", "known": mine.value("known")})
    assert "Saved, " in saved.words and "Not saved yet" not in saved.words
    typed = {"q-0": "Maya Reyes", "q-2": "ABC", "known": saved.value("known")}
    assert "Not saved yet: Full name" in (await browser.post(f"{address}/draft", **typed)).words
    assert await answered(document_id) == {"full_name": ["Maya R."], "plate": ["ABC"]}


async def test_it_saves_itself_without_a_word_but_when_it_was(cast, document_id):
    browser = await cast.browser("client", htmx=True)
    page = await browser.get(of_client(cast, f"{document_id}/form/pages/1"))
    button = page.soup.select_one("button[hx-trigger]")
    assert button["hx-post"] == of_client(cast, f"{document_id}/form/pages/1/draft")
    half = {"q-0": "Maya", "q-1_month": "4", "known": page.value("known")}
    saved = await browser.post(button["hx-post"], act="keep", **half)
    assert saved.status == 200 and [one["id"] for one in saved.soup.find_all(recursive=False)] == ["saved"]
    assert "Saved, " in saved.words and "Not saved yet: Date of birth" in saved.words
    assert await answered(document_id) == {"full_name": ["Maya"]}
    again = await browser.post(button["hx-post"], **{**half, "q-0": "M.", "known": saved.value("known")})
    assert await answered(document_id) == {"full_name": ["M."]} and again.value("known") != saved.value("known")
    late = await browser.post(button["hx-post"], **{**half, "q-0": "Late"})
    assert "Not saved yet: Full name" in late.words and await answered(document_id) == {"full_name": ["M."]}
    assert late.value("known").split()[0] == half["known"].split()[0]  # it still does not know of the other
    await fetch("UPDATE document SET state = 'expired'")
    told = await browser.post(button["hx-post"], **half)
    assert "That cannot be done any more" in told.words and told.value("known") == half["known"]


async def test_what_saves_itself_comes_back_to_its_page_without_scripts(cast, document_id):
    browser = await cast.browser("client")
    for rest in ("pages/1", "all"):
        page = await browser.post(of_client(cast, f"{document_id}/form/{rest}/draft"), **{"q-0": "Maya"})
        assert page.path == of_client(cast, f"{document_id}/form/{rest}")


async def test_what_was_returned_says_why_and_keeps_the_answers(cast, client, document_id):
    page = await filled_in(cast, client, document_id)
    await press(client, page, "/form/review")
    changes = "state = 'returned', common_reason = 'unclear', reason = 'Which street?', settled_at = now()"
    await fetch(f"UPDATE document SET {changes}")
    page = await client.get(of_client(cast, document_id))
    assert (
        "The practice returned it" in page.words and "not clear to us" in page.words and "Which street?" in page.words
    )
    page = await client.get(of_client(cast, f"{document_id}/form/pages/1"))
    assert page.value("q-0") == "Maya Reyes" and "Which street?" in page.words
    page = await press(client, page, "/form/pages/1", {"q-2": "XYZ 9"}, act="stop")
    assert page.pills() == ["In progress"] and "Which street?" in page.words
    page = await client.get(of_client(cast, f"{document_id}/form/review"))
    done = await press(client, page, "/form/review")
    assert done.pills() == ["With the practice"] and "Which street?" not in done.words
    sent = await fetch("SELECT number FROM form_submission ORDER BY number")
    assert [row["number"] for row in sent] == [1, 2]


async def test_what_was_sent_can_be_read_and_not_changed(cast, client, document_id):
    page = await filled_in(cast, client, document_id)
    await press(client, page, "/form/review")
    page = await client.get(of_client(cast, document_id))
    assert of_client(cast, f"{document_id}/form/review") in page.links()
    page = await client.get(of_client(cast, f"{document_id}/form/review"))
    assert "You sent this on" in page.words and "Maya Reyes" in page.words
    assert not page.soup.select(".act a") and page.soup.select_one("form[action$=review]") is None
    for rest in ("form", "form/pages/1", "form/all"):
        assert (await client.get(of_client(cast, f"{document_id}/{rest}"))).path == of_client(cast, document_id)
    told = await client.post(of_client(cast, f"{document_id}/form/pages/1"), **FIRST)
    assert told.status == 422 and "That cannot be done any more" in told.words


@pytest.mark.parametrize("state", ["declined", "expired"])
async def test_what_is_over_leads_to_its_page(cast, client, document_id, state):
    await filled_in(cast, client, document_id)
    await fetch("UPDATE document SET state = {}", state)
    for rest in ("form", "form/pages/1", "form/all", "form/review"):
        assert (await client.get(of_client(cast, f"{document_id}/{rest}"))).path == of_client(cast, document_id)
    page = await client.get(of_client(cast, document_id))
    assert f"{document_id}/form" not in page.text


async def test_what_is_to_be_signed_is_sent_by_signing_it(cast, client):
    document_id = await with_client(cast, purpose=Purpose.SIGN)
    page = await client.get(of_client(cast, document_id))
    assert "Please fill it in and sign it" in page.words
    page = await filled_in(cast, client, document_id)
    signature = of_client(cast, f"{document_id}/signature")
    assert signature in page.links() and page.soup.select_one("form[action$=review]") is None
    told = await client.post(of_client(cast, f"{document_id}/form/review"), seen="x", follow=False)
    assert signature in (told.headers.get("location"), told.headers.get("hx-redirect"))
    assert await state_of(document_id) == "in_progress"


async def test_what_has_nothing_to_fill_in_is_signed_at_once(cast, client):
    document_id = await with_client(cast, [EVERYTHING[-1]], purpose=Purpose.SIGN)
    told = await client.get(of_client(cast, f"{document_id}/form"), follow=False)
    assert told.headers["location"] == of_client(cast, f"{document_id}/signature")
    for rest in ("review", "all", "pages/1", "pages/3"):
        assert (await client.get(of_client(cast, f"{document_id}/form/{rest}"))).status == 404


async def test_what_is_only_read_has_no_form(cast, client):
    sheet = await shared(cast.client.id, once="sheet")
    read = await with_client(cast, purpose=Purpose.READ, once="read")
    for one in (sheet, read):
        for rest in ("form", "form/review", "form/all", "form/pages/1"):
            assert (await client.get(of_client(cast, f"{one}/{rest}"))).status == 404
        assert f"{one}/form" not in (await client.get(of_client(cast, one))).text


async def test_shared_to_be_filled_in_what_asks_nothing_is_done_on_paper(cast, client):
    document_id = await with_client(cast, [EVERYTHING[-1]], purpose=Purpose.FILL)
    page = await client.get(of_client(cast, document_id))
    assert "on paper" in page.words and f"{document_id}/form" not in page.text
    assert (await client.get(of_client(cast, f"{document_id}/form"))).status == 404


async def test_there_are_only_parts_where_something_is_asked(cast, client, document_id):
    for number in (0, 2, 4, 10**12):
        assert (await client.get(of_client(cast, f"{document_id}/form/pages/{number}"))).status == 404


async def test_a_form_of_one_part_is_one_page(cast, client):
    document_id = await with_client(cast, EVERYTHING[:3])
    page = await client.get(of_client(cast, f"{document_id}/form"))
    assert "Part 1" not in page.words and "All at once" not in page.words
    page = await press(client, page, "/form/pages/1", FIRST)
    assert page.path.endswith("/form/review")


async def test_looking_at_it_changes_nothing(cast, client, document_id):
    before = await digest()
    for rest in ("form", "form/pages/1", "form/pages/3", "form/all", "form/review"):
        await client.get(of_client(cast, f"{document_id}/{rest}"))
    assert changed(before, await digest()) <= {"session"}
    assert await state_of(document_id) == "pending"


async def test_taken_back_while_it_is_filled_in_it_is_gone(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/1"))
    await sharing.withdraw(TEST, document_id, 2, "The wrong one")
    assert (await client.press(page, "/form/pages/1", FIRST)).status == 404


async def test_a_guardian_fills_it_in_and_is_named(cast, document_id):
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian")
    cast.accounts["parent"] = account
    parent = await cast.browser("parent")
    page = await filled_in(cast, parent, document_id)
    assert "For Maya Reyes" in page.words
    await press(parent, page, "/form/review")
    told = await fetch("SELECT step, actor FROM document_step WHERE document = {} ORDER BY id", document_id)
    assert [row["actor"] for row in told][-3:] == ["Ana Reyes"] * 3
    (sent,) = await fetch("SELECT sent_by FROM form_submission")
    assert sent["sent_by"] == account.id


async def test_the_list_and_the_dashboard_say_what_is_to_be_done(cast, client, document_id):
    page = await client.get(of_client(cast))
    assert rows(page) == ["Intake"] and "Fill in · Form" in page.words
    home = f"/clients/{cast.client.id}"
    assert "Fill in: Intake" in (await client.get(home)).words
    for state, said in (("in_progress", "Go on filling in: Intake"), ("returned", "Change and send again: Intake")):
        await fetch("UPDATE document SET state = {}", state)
        assert said in (await client.get(home)).words


async def test_a_form_of_very_many_fields_asks_as_often_as_one_of_few(cast):
    browser = await cast.browser("client")
    few = await with_client(cast, EVERYTHING[:1], once="few")
    many = await with_client(
        cast, [EVERYTHING[0], *(type(EVERYTHING[2])(**{**vars(EVERYTHING[2]), "name": f"n{n}"}) for n in range(300))],
        once="many",
    )  # fmt: skip
    counts = [await asked(browser, of_client(cast, f"{one}/form/all")) for one in (few, many)]
    assert counts[0] == counts[1]


async def test_in_spanish_nothing_is_left_in_english(cast, document_id):
    await fetch("UPDATE account SET language = 'es'")
    browser = await cast.browser("client")
    page = await browser.get(of_client(cast, document_id))
    assert "Por favor, llénelo" in page.words
    page = await browser.get(of_client(cast, f"{document_id}/form/pages/1"))
    told = await press(browser, page, "/form/pages/1", {"q-2": "MUCH TOO LONG"})
    assert told.errors["q-0"].startswith("Llene: ") and told.errors["q-2"].startswith("Use 7 caracteres o menos")
    page = await press(browser, told, "/form/pages/1", FIRST)
    page = await press(browser, page, "/form/pages/3", SECOND)
    for words in ("Admisión", "17 de abril de 1991", "Marcado", "Enviar al consultorio"):
        assert words in page.words, words


async def test_beside_the_questions_stands_how_their_page_looks_on_paper(cast, client, document_id):
    page = await client.get(of_client(cast, f"{document_id}/form/pages/3"))
    there = of_client(cast, f"{document_id}/picture?page=3")
    assert {one["src"] for one in page.soup.select("#form img")} == {there}
    pictures = [await client.get(of_client(cast, f"{document_id}/picture?page={number}")) for number in (1, 2, 3)]
    assert {(one.status, one.headers["content-type"]) for one in pictures} == {(200, "image/jpeg")}
    kept = await fetch("SELECT key FROM form_page ORDER BY number")
    assert [one.response.content for one in pictures] == [await storage.get(row["key"]) for row in kept]
    assert (await client.get(of_client(cast, f"{document_id}/picture?page=4"))).status == 404


async def test_one_goes_on_where_answers_end(cast, document_id):
    browser = await cast.browser("client")
    start, pages = of_client(cast, f"{document_id}/form"), of_client(cast, f"{document_id}/form/pages")
    told = []
    for answers in (
        None, {}, {"agrees": ["Yes"]}, {**ANSWERS, "agrees": []}, {**ANSWERS, "plate": [], "story": []}, ANSWERS,
        {name: ANSWERS[name] for name in ("full_name", "born", "agrees")},
    ):  # fmt: skip
        if answers is not None:
            await fetch("DELETE FROM form_draft")
            await drafted(cast, document_id, answers)
        told.append((await browser.get(start)).path.removeprefix(pages).removeprefix(start))
    assert told == ["/1", "/1", "/1", "/3", "/3", "/review", "/3"]
