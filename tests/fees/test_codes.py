"""Diagnoses: what ships, how one is found, and the practice's own beside it."""

import time

import pytest

from portal.access import Role, Viewer
from portal.fees import icd10cm, queries
from tests.browser import Browser
from tests.factories import TEST, a_member, a_practice

OWN = "/staff/settings/diagnoses"
LOOK_UP = "/staff/billing/diagnoses"


@pytest.fixture
async def biller(db: str) -> Browser:
    await a_practice()
    _, account = await a_member(Role.BILLER)
    return await Browser().signed_in(account.id)


def test_chapters_f_and_z_ship_as_codes_that_can_be_billed():
    known = icd10cm.known()
    assert len(known) == 2282 and {code[0] for code in known} == {"F", "Z"}
    assert known["F41.1"] == "Generalized anxiety disorder" and "F50.010" in known and "F43.81" in known
    assert "F41" not in known, "a category is no diagnosis"
    assert all(icd10cm.is_code(code) and len(code) <= 8 and 0 < len(words) <= 300 for code, words in known.items())


def test_they_are_read_quickly():
    icd10cm.known.cache_clear()
    begun = time.perf_counter()
    icd10cm.known()
    assert time.perf_counter() - begun < 0.25


@pytest.mark.parametrize(
    ("typed", "written"),
    [("f411", "F41.1"), (" f41.1 ", "F41.1"), ("F99", "F99"), ("f50010", "F50.010"), ("anxiety", "ANXIETY"), ("", "")],
)
def test_a_code_is_written_with_its_point(typed, written):
    assert icd10cm.as_written(typed) == written


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("f41.1", "F41.1"), ("F411", "F41.1"), ("generalized anx", "F41.1"), ("GAD", "F41.1"),
        ("ptsd chronic", "F43.12"), ("recurrent depressive moderate", "F33.1"),
        ("Prolonged grief", "F43.81"), ("z63.0", "Z63.0"),
    ],
)  # fmt: skip
def test_one_is_found_by_its_beginning_or_by_words(words, first):
    assert icd10cm.found(words, 12)[0][0] == first


@pytest.mark.parametrize("words", ["", "  ", "..", "qqq", "f41.1 depression zebra", "%", "'"])
def test_nothing_is_found_where_nothing_fits(words):
    assert icd10cm.found(words, 12) == []


async def test_the_search_works_as_a_page_and_as_what_a_form_shows(biller):
    page = await biller.get(f"{LOOK_UP}?find=generalized+anxiety")
    assert (
        "F41.1" in page.words
        and "Generalized anxiety disorder" in page.words
        and page.value("find") == "generalized anxiety"
    )
    assert "No code matches" in (await biller.get(f"{LOOK_UP}?find=zebra")).words
    quick = Browser(htmx=True)
    quick.http.cookies = biller.http.cookies
    part = await quick.get(f"{LOOK_UP}?find=f41.1")
    assert "<html" not in part.text and [one["value"] for one in part.soup.select("button[name=pick]")] == ["F41.1"]


async def test_a_code_of_ones_own_is_added_found_reworded_and_retired(biller):
    page = await biller.press(await biller.get(f"{OWN}/new"), OWN, code="g4700", words="Insomnia")
    assert page.path == OWN and "G47.00" in page.words
    assert await queries.worded(TEST, ["G47.00", "F41.1", "F00.0"]) == {
        "G47.00": "Insomnia", "F41.1": "Generalized anxiety disorder",
    }  # fmt: skip
    assert (await queries.sought(TEST, "insomnia"))[0] == ("G47.00", "Insomnia"), "one's own come first"
    (one,) = await queries.own_codes(TEST)
    path = f"{OWN}/{one.id}"
    await biller.press(await biller.get(path), path, words="Insomnia, unspecified")
    page = await biller.press(await biller.get(path), f"{path}/retirement")
    assert "Retired" in page.pills() and "Insomnia, unspecified" in page.words
    assert await queries.worded(TEST, ["G47.00"]) == {} and await queries.sought(TEST, "g47") == []
    page = await biller.press(await biller.get(path), f"{path}/retirement")
    assert "In use again." in page.words and page.pills() == []


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"code": "F41.1"}, "code", "This code comes with the portal: there is nothing to add"),
        ({"code": "insomnia"}, "code", "That is no ICD-10-CM code: write it like G47.00"),
        ({"code": ""}, "code", "Enter the code"),
        ({"words": " "}, "words", "Enter the words for it"),
        ({"words": "x" * 301}, "words", "Use 300 characters or fewer"),
    ],
)
async def test_what_cannot_be_added_has_its_sentence(biller, typed, name, said):
    told = {"code": "G47.00", "words": "Insomnia", **typed}
    page = await biller.press(await biller.get(f"{OWN}/new"), OWN, **told)
    assert page.status == 422 and page.errors == {name: said}
    assert page.value("words") == told["words"] and await queries.own_codes(TEST) == []


async def test_a_code_stands_there_once(biller):
    for status in (200, 422):
        page = await biller.press(await biller.get(f"{OWN}/new"), OWN, code="G47.00", words="Insomnia")
        assert page.status == status
    assert page.errors == {"code": "This code is on the list already. Change it there."}


async def test_who_reads_no_ledger_looks_nothing_up(db):
    await a_practice()
    member, account = await a_member(Role.PRIVACY_OFFICER)
    assert (await (await Browser().signed_in(account.id)).get(f"{LOOK_UP}?find=f41")).status == 404
    with pytest.raises(Exception, match=r"^404"):
        await queries.sought(Viewer(account_id=account.id, staff_id=member.id, role=Role.PRIVACY_OFFICER), "f41")
