"""Photos of cards: kept for whoever may, seen by whoever may, and forgotten when nothing refers to them."""

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from portal import clock, storage
from portal.access import NotFoundException, Viewer
from portal.accounts import sessions
from portal.audit.tables import AuditRow
from portal.clients import images
from portal.clients.tables import ClientImage, Coverage
from portal.database import fetch, transaction
from portal.information.tables import ChangeRequest, ChangeState
from portal.refusal import Refused
from portal.storage.archive import Archive, Writer
from tasks.cli.backup import taking
from tasks.schedule import forget
from tests.factories import TEST, a_grant
from tests.uploads.pictures import a_photo, exif

PHOTO = a_photo()
A_DAY, TWO_DAYS, THREE_DAYS = {"hours": 25}, {"hours": 51}, {"hours": 77}


async def viewer_of(cast, part: str) -> Viewer:
    token = await sessions.begin(cast.accounts[part].id, "203.0.113.9", "test")
    found = await sessions.find(token, "203.0.113.9", "test")
    return found.viewer


async def kept(cast, **how: Any) -> ClientImage:
    return await images.keep(await viewer_of(cast, "client"), cast.client.id, PHOTO, **how)


async def a_request(cast, *, before: str = "", after: str = "", settled: str = "", state: str = "accepted") -> None:
    now = clock.now()
    sheets = {
        name: {"coverages": {"12": {"payer": "Acme", "front_image": "", "back_image": image}}}
        for name, image in {"before": before, "after": after, "settled": settled}.items()
    }
    await ChangeRequest(
        client=cast.client.id,
        section="insurance",
        state=state,
        sent_by=cast.accounts["client"].id,
        sent_at=now,
        decided_at=None if state == ChangeState.PENDING else now,
        **sheets,
    ).save()


async def ids() -> list[int]:
    return [row["id"] for row in await fetch("SELECT id FROM client_image ORDER BY id")]


async def in_store() -> set[str]:
    return {key async for key in storage.keys_in_store()}


async def test_a_photo_is_kept_clean_and_comes_back(cast):
    viewer = await viewer_of(cast, "client")
    row = await images.keep(viewer, cast.client.id, a_photo(exif=exif(6)))
    content = await images.content(await images.image(viewer, cast.client.id, row.id))
    assert Image.open(BytesIO(content)).size == (row.width, row.height) == (300, 400)
    assert (row.size, row.added_by) == (len(content), viewer.account_id) and b"Canary" not in content
    audited = await AuditRow.objects().where(AuditRow.act == "client_image.added").first()
    assert (audited.client_id, audited.subject_id, audited.role) == (cast.client.id, row.id, "self")


async def test_nobody_reads_it_in_the_store(cast):
    row = await kept(cast)
    sealed = b"".join([portion async for portion in storage.stream_sealed(row.key)])
    assert b"JFIF" not in sealed


async def test_what_is_no_photo_is_a_sentence_and_leaves_nothing(cast):
    before = await in_store()
    with pytest.raises(Refused) as refused:
        await images.keep(await viewer_of(cast, "client"), cast.client.id, b"no photo")
    assert str(refused.value.sentences[""]) == "Choose a photo as JPEG, PNG or HEIC"
    assert await ids() == [] and await in_store() == before


# Who may -------------------------------------------------------------------------------------------------------------

MAY_KEEP = {"client", "clinician", "front_desk", "supervisor", "administrator"}
MAY_SEE = MAY_KEEP | {"biller", "privacy_officer"}


async def test_only_who_acts_for_the_client_or_edits_the_chart_keeps_one(cast):
    for part in cast.accounts:
        viewer = await viewer_of(cast, part)
        if part in MAY_KEEP:
            assert (await images.keep(viewer, cast.client.id, PHOTO)).client == cast.client.id
        else:
            with pytest.raises(NotFoundException):
                await images.keep(viewer, cast.client.id, PHOTO)
    assert len(await ids()) == len(MAY_KEEP)


async def test_only_who_reaches_the_chart_sees_it(cast):
    row = await kept(cast)
    for part in cast.accounts:
        viewer = await viewer_of(cast, part)
        if part in MAY_SEE:
            assert (await images.image(viewer, cast.client.id, row.id)).key == row.key
        else:
            with pytest.raises(NotFoundException):
                await images.image(viewer, cast.client.id, row.id)
    with pytest.raises(NotFoundException):
        await images.image(Viewer.nobody(), cast.client.id, row.id)


@pytest.mark.parametrize("part", ["client", "stranger", "front_desk", "clinician", "biller"])
async def test_an_id_is_good_for_its_own_client_only(cast, part):
    row = await kept(cast)
    with pytest.raises(NotFoundException):
        await images.image(await viewer_of(cast, part), cast.other.id, row.id)


async def test_a_parent_of_two_does_not_mix_their_cards(cast):
    await a_grant(cast.accounts["client"], cast.other, kind="guardian")
    row = await kept(cast)
    viewer = await viewer_of(cast, "client")
    with pytest.raises(NotFoundException):
        await images.image(viewer, cast.other.id, row.id)
    with pytest.raises(NotFoundException):
        await images.hold(viewer, cast.other.id, [row.id])


async def test_staff_act_on_their_own_chart_as_its_client_only(cast):
    """By a grant with the area, and not by the role."""
    await a_grant(cast.accounts["front_desk"], cast.other, areas=["billing"])
    await a_grant(cast.accounts["supervisor"], cast.other)
    desk, supervisor = await viewer_of(cast, "front_desk"), await viewer_of(cast, "supervisor")
    with pytest.raises(NotFoundException):
        await images.keep(desk, cast.other.id, PHOTO)
    row = await images.keep(supervisor, cast.other.id, PHOTO)
    assert await images.image(supervisor, cast.other.id, row.id)
    with pytest.raises(NotFoundException):
        await images.image(desk, cast.other.id, row.id)


async def test_a_client_that_is_not_there_has_no_photos(cast):
    for viewer in (TEST, await viewer_of(cast, "front_desk"), await viewer_of(cast, "client")):
        with pytest.raises(NotFoundException):
            await images.keep(viewer, 999_999, PHOTO)
        with pytest.raises(NotFoundException):
            await images.image(viewer, cast.client.id, 999_999)


# How many ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(images, "MOST_UNUSED", 3)


async def test_photos_that_are_not_used_are_few_within_an_hour(cast, few):
    for _ in range(3):
        await kept(cast)
    with pytest.raises(Refused) as refused:
        await kept(cast)
    assert "wait an hour" in str(refused.value.sentences[""])
    with clock.shifted(minutes=61):
        await kept(cast)


async def test_what_is_sent_makes_room_again(cast, few):
    rows = [await kept(cast) for _ in range(3)]
    await a_request(cast, after=str(rows[0].id), state=ChangeState.PENDING)
    await kept(cast)


async def test_another_client_has_room_of_their_own(cast, few):
    for _ in range(3):
        await kept(cast)
    await images.keep(await viewer_of(cast, "stranger"), cast.other.id, PHOTO)


async def test_many_at_the_same_moment_are_counted_too(cast, few):
    viewer, before = await viewer_of(cast, "client"), await in_store()
    asked = [images.keep(viewer, cast.client.id, PHOTO) for _ in range(8)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["ClientImage"] * 3 + ["Refused"] * 5
    assert len(await in_store() - before) == 3


# Forgetting ----------------------------------------------------------------------------------------------------------


async def test_what_nothing_refers_to_is_gone_with_its_file_two_days_later(cast):
    row = await kept(cast)
    for shift, is_there in (({"hours": 23}, True), (A_DAY, True), ({"hours": 48}, True), (TWO_DAYS, False)):
        with clock.shifted(**shift):
            await images.prune()
        assert (await ids() == [row.id]) == await storage.exists(row.key) == is_there


async def test_the_file_outlives_by_a_day_the_moment_in_which_its_row_was_let_go_of(cast):
    """A backup that read the row before finds the file, even where the portal had slept for a week."""
    row = await kept(cast)
    with clock.shifted(days=7):
        await images.prune()
        assert await storage.exists(row.key) and await ids() == [row.id]
    with clock.shifted(days=7, hours=23):
        await images.prune()
        assert await storage.exists(row.key)
    with clock.shifted(days=8, hours=1):
        await images.prune()
        assert not await storage.exists(row.key) and await ids() == []


@pytest.mark.parametrize("side", ["front_image", "back_image"])
async def test_what_is_on_record_stays(cast, side):
    used, unused = await kept(cast), await kept(cast)
    await Coverage(client=cast.client.id, payer="Acme", **{side: used.id}).save()
    for shift in (A_DAY, TWO_DAYS, THREE_DAYS):
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == [used.id] and await storage.exists(used.key) and not await storage.exists(unused.key)


@pytest.mark.parametrize("state", [ChangeState.PENDING, ChangeState.RETURNED, ChangeState.ACCEPTED])
@pytest.mark.parametrize("sheet", ["before", "after", "settled"])
async def test_what_a_request_speaks_of_stays_whatever_became_of_it(cast, state, sheet):
    used, _ = await kept(cast), await kept(cast)
    await a_request(cast, state=state, **{sheet: str(used.id)})
    for shift in (A_DAY, TWO_DAYS, THREE_DAYS):
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == [used.id] and await storage.exists(used.key)


GONE_LATER = [{"hours": hours} for hours in (25, 51, 77, 103)]


@pytest.mark.parametrize("sheet", ["after", "settled"])
async def test_what_was_taken_back_is_let_go_with_the_same_grace(cast, sheet):
    row = await kept(cast)
    await a_request(cast, state=ChangeState.WITHDRAWN, **{sheet: str(row.id)})
    for shift, is_there in (({"hours": 23}, True), (A_DAY, True), ({"hours": 48}, True), (TWO_DAYS, False)):
        with clock.shifted(**shift):
            await images.prune()
        assert (await ids() == [row.id]) == await storage.exists(row.key) == is_there


@pytest.mark.parametrize(
    ("later", "is_kept"),
    [
        (None, True),
        (ChangeState.PENDING, True),
        (ChangeState.WITHDRAWN, True),
        (ChangeState.RETURNED, False),
        (ChangeState.ACCEPTED, False),
        (ChangeState.EDITED, False),
    ],
)
async def test_what_was_returned_stays_until_another_request_is_answered(cast, later, is_kept):
    """One that waits may be taken back: then the returned one is what the form begins with again."""
    row = await kept(cast)
    await a_request(cast, state=ChangeState.RETURNED, after=str(row.id))
    if later:
        await a_request(cast, state=later)
    for shift in GONE_LATER:
        with clock.shifted(**shift):
            await images.prune()
    assert (await ids() == [row.id]) == await storage.exists(row.key) == is_kept


async def test_what_was_taken_back_and_is_on_record_all_the_same_stays(cast):
    row = await kept(cast)
    await a_request(cast, state=ChangeState.WITHDRAWN, before=str(row.id), after=str(row.id))
    await Coverage(client=cast.client.id, payer="Acme", front_image=row.id).save()
    for shift in GONE_LATER:
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == [row.id]


async def test_a_request_that_was_never_settled_or_holds_no_coverages_is_no_disaster(cast):
    await kept(cast)
    await a_request(cast)
    for strange in (
        "{}",
        "[]",
        '"x"',
        "null",
        '{"coverages": [1]}',
        '{"coverages": {"1": "2"}}',
        '{"person": {"a": {}}}',
    ):
        await fetch("UPDATE change_request SET settled = NULL, after = {}::jsonb", strange)
        await images.prune()
    for shift in (A_DAY, TWO_DAYS):
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == []


async def test_the_number_of_another_thing_keeps_nothing(cast):
    row = await kept(cast)
    await a_request(cast)
    told = {
        "coverages": {f"{row.id}": {"rank": f"{row.id}", "front_image": f"1{row.id}"}},
        "phones": {"1": {"front_image": f"{row.id}"}},
    }
    await fetch("UPDATE change_request SET after = {}::jsonb", json.dumps(told))
    for shift in (A_DAY, TWO_DAYS):
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == []


async def test_what_is_used_again_and_then_no_longer_has_its_two_days_anew(cast):
    row = await kept(cast)
    with clock.shifted(**A_DAY):
        await images.prune()
        await Coverage(client=cast.client.id, payer="Acme", front_image=row.id).save()
    with clock.shifted(days=30):
        await images.prune()
        await Coverage.delete(force=True)
        await images.prune()
    with clock.shifted(days=30, hours=23):
        await images.prune()
        assert await ids() == [row.id] and await storage.exists(row.key)
    with clock.shifted(days=31, hours=1):
        await images.prune()
    assert await ids() == [] and not await storage.exists(row.key)


async def test_a_form_that_was_kept_for_a_day_still_has_its_photo(cast):
    row, viewer = await kept(cast), await viewer_of(cast, "client")
    with clock.shifted(**A_DAY):
        await images.prune()
        async with transaction():
            await images.hold(viewer, cast.client.id, [row.id])
            await a_request(cast, after=str(row.id), state=ChangeState.PENDING)
    for shift in (TWO_DAYS, THREE_DAYS):
        with clock.shifted(**shift):
            await images.prune()
    assert await ids() == [row.id] and await storage.exists(row.key)


@pytest.mark.parametrize("shift", [A_DAY, TWO_DAYS], ids=["let go", "forget"])
async def test_whoever_holds_one_is_waited_for(cast, shift):
    """Between the look and the deed of the one, the other has sent the form."""
    row, viewer = await kept(cast), await viewer_of(cast, "client")
    if shift is TWO_DAYS:
        with clock.shifted(**A_DAY):
            await images.prune()
    with clock.shifted(**shift):
        async with transaction():
            await images.hold(viewer, cast.client.id, [row.id])
            pruning = asyncio.create_task(_elsewhere())
            await asyncio.sleep(0.3)
            assert not pruning.done()
            await a_request(cast, after=str(row.id), state=ChangeState.PENDING)
        await pruning
    with clock.shifted(**THREE_DAYS):
        await images.prune()
    assert await ids() == [row.id] and await storage.exists(row.key)


async def _elsewhere() -> None:
    """As a task of its own would: not in the transaction that the test is in."""
    from portal.database import ENGINE

    ENGINE.current_transaction.set(None)
    await images.prune()


async def test_hold_takes_only_what_is_there(cast):
    row, viewer = await kept(cast), await viewer_of(cast, "client")
    await images.hold(viewer, cast.client.id, [])
    await images.hold(viewer, cast.client.id, [row.id, row.id])
    with pytest.raises(NotFoundException):
        await images.hold(viewer, cast.client.id, [row.id, row.id + 1])
    with pytest.raises(NotFoundException):
        await images.hold(await viewer_of(cast, "guardian"), cast.client.id, [row.id])


async def test_a_file_that_cannot_be_deleted_today_is_deleted_tomorrow(cast, monkeypatch):
    row = await kept(cast)
    with clock.shifted(**A_DAY):
        await images.prune()

    async def broken(key: str) -> None:
        raise PermissionError

    with monkeypatch.context() as away:
        away.setattr(storage, "delete", broken)
        with clock.shifted(**TWO_DAYS), pytest.raises(PermissionError):
            await images.prune()
    assert await ids() == [row.id]
    with clock.shifted(**TWO_DAYS):
        await images.prune()
    assert await ids() == [] and not await storage.exists(row.key)


async def test_it_happens_by_the_clock(cast):
    row = await kept(cast)
    for shift in (A_DAY, TWO_DAYS):
        with clock.shifted(**shift):
            await forget()
    assert await ids() == [] and not await storage.exists(row.key)


async def test_a_backup_takes_the_photo_and_the_row_that_names_it(cast, tmp_path):
    row, other = await kept(cast), await kept(cast)
    with (tmp_path / "it.backup").open("wb") as file:
        manifest, _ = await taking.take(Writer(file, "a passphrase for tests"), lambda said: None)
    parts = {part.name: part.sum().size for part in Archive(tmp_path / "it.backup", "a passphrase for tests").parts()}
    assert parts[f"files/{row.key}"] > row.size and f"files/{other.key}" in parts
    assert manifest.rows["client_image"] == 2
