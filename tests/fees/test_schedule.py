"""The fee schedule: services in the practice's own words, with what they cost from a day on."""

from datetime import date, timedelta

import pytest

from portal import clock, language
from portal.access import NotFoundException, Role, Viewer
from portal.database import fetch
from portal.fees import actions, queries
from portal.fees.actions import Wording
from portal.refusal import Refused
from tests.browser import Browser
from tests.factories import TEST, a_member, a_practice

PAGE = "/staff/settings/fees"
NEW = {
    "code": "H0004",
    "words": "Counseling, 15 minutes",
    "words_es": "Consejería",
    "fee": "$37.50",
    "since": "2026-01-01",
}


@pytest.fixture
async def biller(db: str) -> Browser:
    await a_practice()
    _, account = await a_member(Role.BILLER)
    return await Browser().signed_in(account.id)


async def a_service(code: str = "H0004", cents: int = 3750, since: date = date(2026, 1, 1)) -> int:
    return await actions.add_service(TEST, code, Wording("Counseling", "Consejería"), since, cents)


async def cents_on(service: int, day: date) -> int | None:
    return (await queries.service(TEST, service, day)).cents


async def test_a_service_is_added_and_stands_in_the_list_with_its_fee(biller):
    assert "No services yet." in (await biller.get(PAGE)).words
    page = await biller.press(await biller.get(f"{PAGE}/new"), PAGE, **{**NEW, "code": "h0004"})
    assert page.path == PAGE and "Counseling, 15 minutes H0004 $37.50" in page.words
    (one,) = await queries.services(TEST, date(2026, 11, 30))
    assert (one.code, one.words_es, one.cents) == ("H0004", "Consejería", 3750)
    with language.speaking("es"):
        assert one.spoken == "Consejería"


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("code", "H4", "A code has five letters or digits, such as H0004"),
        ("code", "", "Enter the code"),
        ("code", "H0004X", "Use 5 characters or fewer"),
        ("words", "", "Enter your own words for it"),
        ("words", "x" * 201, "Use 200 characters or fewer"),
        ("fee", "", "Enter an amount such as 150.00"),
        ("fee", "free", "Enter an amount such as 150.00"),
        ("fee", "1.234", "Enter an amount such as 150.00"),
        ("fee", "-5", "Enter an amount such as 150.00"),
        ("fee", "0", "Enter a fee above zero, and below a million dollars"),
        ("fee", "10,000,000.00", "Enter a fee above zero, and below a million dollars"),
        ("since", "01/02/2026", "Write the date like 2026-11-30"),
        ("since", "0001-01-01", "Write the date like 2026-11-30"),
    ],
)
async def test_what_cannot_be_has_its_sentence_and_everything_typed_stays(biller, name, typed, said):
    told = {**NEW, name: typed}
    page = await biller.press(await biller.get(f"{PAGE}/new"), PAGE, **told)
    assert page.status == 422 and page.errors == {name: said}
    assert {one: page.value(one) for one in told} == told
    assert await queries.services(TEST, date(2026, 11, 30)) == []


async def test_a_fee_counts_from_its_day_on_and_its_history_is_shown(biller):
    service = await a_service()
    path = f"{PAGE}/{service}"
    page = await biller.press(await biller.get(path), f"{path}/amounts", fee="40", since="2026-07-01")
    assert page.status == 200 and "January 1, 2026 June 30, 2026 $37.50" in page.words
    assert "July 1, 2026 further notice $40.00" in page.words
    assert [await cents_on(service, date(2026, *day)) for day in ((1, 1), (6, 30), (7, 1))] == [3750, 3750, 4000]
    assert await cents_on(service, date(2025, 12, 31)) is None
    tomorrow = clock.today("America/New_York") + timedelta(days=1)
    page = await biller.press(await biller.get(path), f"{path}/amounts", fee="41.00", since=tomorrow.isoformat())
    assert "not yet in force" in page.words
    await actions.set_fee(TEST, service, date(2026, 7, 1), 4100)
    assert [one.cents for one in await queries.fees(TEST, service)] == [4100, 4100, 3750], "of one day there is one"


async def test_other_words_count_from_now_on(biller):
    service = await a_service()
    path = f"{PAGE}/{service}"
    page = await biller.press(await biller.get(path), path, words="Talking together", words_es="")
    assert page.heading == "Talking together" and "Saved." in page.words
    page = await biller.press(await biller.get(path), path, words=" ")
    assert page.status == 422 and page.errors == {"words": "Enter your own words for it"}


async def test_a_service_is_retired_and_brought_back(biller):
    service = await a_service()
    path = f"{PAGE}/{service}"
    page = await biller.press(await biller.get(path), f"{path}/retirement")
    assert page.pills() == ["Retired"] and await queries.offered(TEST, date(2026, 11, 30)) == []
    page = await biller.press(await biller.get(path), f"{path}/retirement")
    assert page.pills() == [] and len(await queries.offered(TEST, date(2026, 11, 30))) == 1


async def test_a_code_is_in_use_once(biller):
    first = await a_service()
    page = await biller.press(await biller.get(f"{PAGE}/new"), PAGE, **NEW)
    assert page.errors == {"code": "This code is in the fee schedule already. Change it there."}
    await actions.retire_service(TEST, first)
    await a_service()
    page = await biller.press(await biller.get(f"{PAGE}/{first}"), f"{PAGE}/{first}/retirement")
    assert page.status == 422 and "Another service has this code now" in page.errors[""]


async def test_every_change_is_in_the_audit(db):
    service = await a_service()
    await actions.reword(TEST, service, Wording("Other"))
    await actions.set_fee(TEST, service, date(2026, 2, 1), 100)
    await actions.retire_service(TEST, service)
    await actions.retire_service(TEST, service, is_used=True)
    acts = await fetch("SELECT act FROM audit_row WHERE subject_id = {} ORDER BY id", service)
    assert [one["act"] for one in acts] == [
        "service.added", "service.reworded", "fee.set", "service.retired", "service.brought_back",
    ]  # fmt: skip


@pytest.mark.parametrize("cents", [0, -1, 100_000_000])
async def test_a_fee_that_is_no_amount_is_refused_whoever_brings_it(db, cents):
    with pytest.raises(Refused):
        await a_service(cents=cents)
    assert await queries.services(TEST, date(2026, 11, 30)) == []


async def test_who_keeps_no_fees_changes_none(cast):
    service = await a_service()
    account = cast.accounts["clinician"]
    viewer = Viewer(account_id=account.id, staff_id=account.staff_member, role=Role.CLINICIAN)
    for act in (
        actions.set_fee(viewer, service, date(2026, 1, 1), 1), actions.reword(viewer, service, Wording("x")),
        actions.retire_service(viewer, service), actions.save_diagnosis(viewer, None, "G47.00", "x"),
        actions.retire_diagnosis(viewer, 1), actions.add_service(viewer, "H0031", Wording("x"), date(2026, 1, 1), 1),
    ):  # fmt: skip
        with pytest.raises(NotFoundException):
            await act
    assert [one.cents for one in await queries.services(viewer, date(2026, 11, 30))] == [3750], "but reads them"
