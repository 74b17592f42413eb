"""Who of the staff is told of what: one rule for each kind of item."""

import pytest

from portal.access import HOLDS, NotFoundException, Permission, Role, Viewer
from portal.audit import AuditRow
from portal.notifications import actions, rules
from portal.notifications.queries import told
from portal.notifications.rules import Rule
from portal.notifications.tables import StaffNotice
from portal.refusal import Refused
from portal.review import kinds
from portal.review.kinds import KINDS, Kind
from tests.browser import Browser, Page
from tests.factories import TEST, a_member, a_practice

PAGE = "/staff/settings/notices"


@pytest.fixture(autouse=True)
def tea(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of the test's own beside those that are there."""
    monkeypatch.setitem(KINDS, "tea.asked", Kind("tea.asked", "Asks for tea"))


@pytest.fixture
async def desk(db: str) -> Browser:
    """An administrator's."""
    await a_practice()
    _, account = await a_member(Role.ADMINISTRATOR)
    return await Browser().signed_in(account.id)


def chosen(page: Page, kind: str) -> list[str]:
    fields = [page.soup.find(id=f"{kind}.{part}") for part in ("audience", "timing")]
    return [field.select_one("option[selected]").get_text() for field in fields]


def options(page: Page, field: str) -> list[str]:
    return [one["value"] for one in page.soup.find(id=field).select("option")]


async def test_where_nobody_has_chosen_the_front_desk_is_told_each_morning_or_who_can_settle_it(desk):
    page = await desk.get(PAGE)
    rows = page.soup.select("#notices tbody tr")
    assert len(rows) == len(rules.kinds()) == len(KINDS) + 1
    for kind in KINDS:
        who = "Everybody who can settle it" if kind.startswith("card.") else "The front desk"
        assert chosen(page, kind) == [who, "Each morning"]


async def test_nobody_can_be_chosen_who_would_not_find_it_in_the_queue(desk):
    page = await desk.get(PAGE)
    assert options(page, "card.dispute.audience") == ["nobody", "biller", "supervisor", "administrator", "readers"]
    assert options(page, "tea.asked.audience") == [
        "nobody", "principal_clinician", "front_desk", "supervisor", "administrator"
    ]  # fmt: skip
    page = await desk.post(PAGE, **{"card.dispute.audience": "front_desk", "card.dispute.timing": "daily"})
    assert page.status == 422 and page.errors == {"card.dispute.audience": "Choose who is told"}


async def test_every_kind_stands_there_in_words(desk):
    page = await desk.get(PAGE)
    titles = [one.get_text() for one in page.soup.select("#notices tbody th")]
    assert titles == sorted(titles)
    assert {"Asks for tea", "A letter could not be delivered", "Background work was given up"} <= set(titles)


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_is_chosen_is_kept_said_and_in_the_audit(desk, htmx):
    desk.headers = {"HX-Request": "true"} if htmx else {}
    page = await desk.post(PAGE, **{"tea.asked.audience": "principal_clinician", "tea.asked.timing": "at_once"})
    assert page.path == PAGE and "Saved." in page.words
    assert chosen(page, "tea.asked") == ["The client's clinician", "At once"]
    assert await told.rule(TEST, "tea.asked") == Rule("principal_clinician", "at_once")
    (row,) = await AuditRow.objects().where(AuditRow.act == "staff_notice.changed")
    assert '"kind": "tea.asked"' in row.detail and '"audience": "principal_clinician"' in row.detail


async def test_the_whole_form_changes_only_what_was_changed(desk):
    whole = {f"{kind}.audience": rules.default(kind).audience for kind in KINDS}
    whole |= {f"{kind}.timing": "daily" for kind in KINDS}
    await desk.post(PAGE, **{**whole, "tea.asked.audience": "nobody"})
    assert [row.kind for row in await StaffNotice.objects()] == ["tea.asked"]
    assert await AuditRow.count().where(AuditRow.act == "staff_notice.changed") == 1


async def test_what_is_no_choice_is_refused_and_the_rest_is_kept_as_typed(desk):
    page = await desk.post(PAGE, **{"tea.asked.audience": "biller", "tea.asked.timing": "at_once"})
    assert page.status == 422 and page.errors == {"tea.asked.audience": "Choose who is told"}
    assert page.soup.find(id="tea.asked.timing").select_one("option[selected]")["value"] == "at_once"
    assert await StaffNotice.count() == 0


@pytest.mark.parametrize("kind", ["letter.failed", "letter.failed_invitation", "errand.dead"])
async def test_about_letters_that_failed_nobody_can_be_told_at_once(desk, kind):
    assert options(await desk.get(PAGE), f"{kind}.timing") == ["daily"]
    page = await desk.post(PAGE, **{f"{kind}.audience": "front_desk", f"{kind}.timing": "at_once"})
    assert page.status == 422 and page.errors == {f"{kind}.timing": "Choose when they are told"}


async def test_a_kind_that_nobody_declared_is_not_there(desk):
    page = await desk.post(PAGE, **{"coffee.asked.audience": "nobody", "coffee.asked.timing": "daily"})
    assert page.status == 404


async def test_a_row_of_a_feature_that_is_gone_troubles_nobody(desk):
    await StaffNotice(kind="coffee.asked", audience="nobody", timing="daily").save()
    page = await desk.get(PAGE)
    assert page.status == 200 and kinds.kind_of("coffee.asked").name not in page.text


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
async def test_only_an_administrator_chooses(db, role):
    viewer = Viewer(account_id=1, staff_id=1, role=role)
    with pytest.raises(NotFoundException):
        await actions.choose_notices(viewer, {"tea.asked": Rule("nobody", "daily")})
    with pytest.raises(NotFoundException):
        await told.notices(viewer)


async def test_of_several_all_are_chosen_or_none(db):
    with pytest.raises(Refused):
        await actions.choose_notices(
            TEST, {"tea.asked": Rule("nobody", "daily"), "letter.failed": Rule("nobody", "hourly")}
        )
    assert await StaffNotice.count() == 0


def test_whoever_can_be_chosen_may_open_the_queue_and_reaches_every_client():
    roles = [role for role in Role if {Permission.REVIEW_READ, Permission.CLIENT_READ_ALL} <= HOLDS[role]]
    assert list(rules.AUDIENCES) == [rules.NOBODY, rules.PRINCIPAL, *roles]
