"""What an administrator chooses for the whole practice: switches that features declare."""

from collections.abc import Iterator

import pytest

from portal import clock
from portal.access import NotFoundException, Role, Viewer
from portal.audit import AuditRow
from portal.language import lazy
from portal.practice import queries, switches
from portal.practice.switches import SWITCHES, Switch
from portal.practice.tables import Setting
from portal.refusal import Refused
from tests.browser import Browser
from tests.factories import TEST, a_member, a_practice

PAGE = "/staff/settings"


@pytest.fixture(autouse=True)
def tea(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A feature of the test's own, with two switches."""
    kinds = (("black", "Black tea"), ("green", "Green tea", "Not too hot"))
    monkeypatch.setattr(switches, "SWITCHES", dict(SWITCHES))
    switches.declare(Switch("tea.kind", lazy("Which tea"), kinds, "black", group="Tea in the waiting room"))
    switches.declare(Switch("tea.milk", "Milk", (("yes", "With milk"), ("no", "None")), "no", "Ask twice"))
    return


@pytest.fixture
async def desk(db: str) -> Browser:
    """An administrator's."""
    await a_practice()
    _, account = await a_member(Role.ADMINISTRATOR)
    return await Browser().signed_in(account.id)


async def acts() -> list[str]:
    return [row.detail for row in await AuditRow.objects().where(AuditRow.act == "setting.changed")]


# Switches -----------------------------------------------------------------------------------------------------------


async def test_what_nobody_has_turned_is_at_its_default(db):
    assert await switches.value(TEST, "tea.kind") == "black"
    assert (await switches.values(TEST))["tea.milk"] == "no"


async def test_what_is_turned_stays_so_and_is_in_the_audit_once(db):
    for _ in range(2):
        await switches.turn(TEST, "tea.kind", "green")
    assert await switches.value(TEST, "tea.kind") == "green"
    (told,) = await acts()
    assert '"name": "tea.kind"' in told and '"value": "green"' in told


async def test_it_can_be_turned_back(db):
    for to in ("green", "black"):
        await switches.turn(TEST, "tea.kind", to)
        assert await switches.value(TEST, "tea.kind") == to
    assert len(await acts()) == 2 and await Setting.count() == 1


async def test_what_another_process_turned_is_known_within_a_second(db, monkeypatch, kept_for):
    assert kept_for <= 1
    assert await switches.value(TEST, "tea.kind") == "black"
    await Setting(name="tea.kind", value="green").save()
    assert await switches.value(TEST, "tea.kind") == "black"
    now = queries.monotonic()
    monkeypatch.setattr(queries, "monotonic", lambda: now + kept_for + 0.1)
    assert await switches.value(TEST, "tea.kind") == "green"


async def test_a_choice_that_its_feature_has_given_up_counts_as_none(db):
    await Setting(name="tea.kind", value="lapsang").save()
    assert await switches.value(TEST, "tea.kind") == "black"


async def test_of_several_all_are_turned_or_none(db):
    with pytest.raises(Refused) as refusal:
        await switches.turn_all(TEST, {"tea.kind": "green", "tea.milk": "oat"})
    assert list(refusal.value.sentences) == ["tea.milk"]
    assert await switches.value(TEST, "tea.kind") == "black" and await acts() == []


async def test_a_switch_that_nobody_declared_is_not_there(db):
    with pytest.raises(NotFoundException):
        await switches.turn(TEST, "tea.sugar", "two")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
async def test_only_an_administrator_turns_one(db, role):
    with pytest.raises(NotFoundException):
        await switches.turn(Viewer(account_id=1, staff_id=1, role=role), "tea.kind", "green")


# The page -----------------------------------------------------------------------------------------------------------


async def test_the_switches_of_a_feature_stand_together_with_what_holds_now(desk):
    await switches.turn(TEST, "tea.milk", "yes")
    page = await desk.get(PAGE)
    card = page.soup.select_one('[aria-labelledby="tea-h"]')
    assert card.h2.get_text() == "Tea in the waiting room"
    assert [one.get_text(strip=True) for one in card.select("legend")] == ["Which tea", "Milk"]
    assert {one["value"] for one in card.select("input[checked]")} == {"black", "yes"}
    assert "Not too hot" in page.words and "Ask twice" in page.words
    assert PAGE in page.links() and "/staff/settings/notices" in page.links()


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_is_saved_is_said_and_shown(desk, htmx):
    desk.headers = {"HX-Request": "true"} if htmx else {}
    page = await desk.post(PAGE, **{"tea.kind": "green", "tea.milk": "no"})
    assert page.status == 200 and page.path == PAGE and "Saved." in page.words
    assert page.soup.select_one('input[value="green"]').has_attr("checked")
    assert await switches.value(TEST, "tea.kind") == "green"


async def test_what_is_no_choice_is_refused_beside_its_field_and_the_rest_is_kept_as_typed(desk):
    page = await desk.post(PAGE, **{"tea.kind": "green", "tea.milk": "oat"})
    assert page.status == 422 and page.errors == {"tea.milk": "Choose one of these"}
    assert page.soup.select_one('input[value="green"]').has_attr("checked")
    assert page.soup.select_one('#errors a[href="#tea.milk"]') and page.soup.find(id="tea.milk")
    assert await switches.value(TEST, "tea.kind") == "black"


async def test_a_field_that_is_no_switch_is_not_there(desk):
    assert (await desk.post(PAGE, **{"tea.sugar": "two"})).status == 404


async def test_only_an_administrator_is_shown_the_way(cast):
    for part in cast.parts:
        page = await (await cast.browser(part)).get("/account")
        assert (PAGE in page.links()) == (part == "administrator"), part


async def test_it_asks_the_database_no_oftener_for_many_switches(desk):
    from portal.database import ENGINE

    async def asked() -> int:
        await desk.get(PAGE)
        before = ENGINE.queries
        await desk.get(PAGE)
        return ENGINE.queries - before

    with clock.stopped():
        few = await asked()
        for number in range(30):
            switches.declare(Switch(f"many.{number}", "One", (("yes", "Yes"), ("no", "No")), "no"))
        assert await asked() == few
