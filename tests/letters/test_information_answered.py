"""The letter that says that the practice has answered: to who asked, while they may see it, and no word of what."""

import re

import pytest

from portal import clock, language, outbox
from portal.accounts.tables import Account, Grant
from portal.information.tables import ChangeRequest, ChangeState
from portal.letters.tables import Delivery, DeliveryState
from tests.factories import a_grant, an_account
from tests.letters.test_letters import _is_discreet, _is_readable_without_and_with_html, page_of, sent, text_of
from tests.tasks.post import work_through

ANSWERS = [ChangeState.ACCEPTED, ChangeState.EDITED, ChangeState.RETURNED]


async def asked_by(account: Account, client_id: int, state: ChangeState = ChangeState.ACCEPTED) -> ChangeRequest:
    """Answered, unless `state` says something else."""
    row = ChangeRequest(
        client=client_id,
        section="insurance",
        state=state,
        sent_by=account.id,
        sent_at=clock.now(),
        decided_at=None if state == ChangeState.PENDING else clock.now(),
        reason="Bartholomew, please send the card of Zanzibar Health",
    )
    await row.save()
    await outbox.record("information.answered", row.id, client_id)
    return row


async def written() -> list[str]:
    await work_through("announce")
    return [row.address for row in await Delivery.objects().order_by(Delivery.id)]


async def state() -> str:
    await work_through("deliver")
    return (await Delivery.objects().first()).state


@pytest.mark.parametrize("answer", ANSWERS)
async def test_whoever_asked_is_told_that_there_is_an_answer(cast, answer):
    await asked_by(cast.accounts["client"], cast.client.id, answer)
    assert await written() == ["maya@example.com"]
    assert await state() == DeliveryState.SENT


async def test_a_proxy_who_asked_is_told_and_the_client_is_not(cast):
    proxy = await an_account("proxy@example.com", name="Ana Reyes", language="es")
    await a_grant(proxy, cast.client, kind="proxy")
    await asked_by(proxy, cast.client.id)
    assert await written() == ["proxy@example.com"]
    assert (await Delivery.objects().first()).language == "es"


@pytest.mark.parametrize("part", ["ended", "guardian", "stranger"])
async def test_whoever_may_not_see_it_is_not_told(cast, part):
    await asked_by(cast.accounts[part], cast.client.id)
    assert await written() == []


@pytest.mark.parametrize("other", [ChangeState.PENDING, ChangeState.WITHDRAWN, ChangeState.APPLIED])
async def test_what_is_no_answer_is_not_told(cast, other):
    await asked_by(cast.accounts["client"], cast.client.id, other)
    assert await written() == []


async def test_access_that_ended_before_the_letter_left_stops_it(cast):
    await asked_by(cast.accounts["client"], cast.client.id)
    await written()
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == cast.accounts["client"].id)
    assert await state() == DeliveryState.DROPPED


async def test_what_was_read_before_the_letter_left_needs_none(cast):
    row = await asked_by(cast.accounts["client"], cast.client.id)
    await written()
    await ChangeRequest.update({ChangeRequest.read_at: clock.now()}).where(ChangeRequest.id == row.id)
    assert await state() == DeliveryState.DROPPED


async def test_what_was_taken_back_before_the_letter_left_needs_none(cast):
    row = await asked_by(cast.accounts["client"], cast.client.id)
    await written()
    await ChangeRequest.update({ChangeRequest.state: ChangeState.WITHDRAWN}).where(ChangeRequest.id == row.id)
    assert await state() == DeliveryState.DROPPED


async def test_a_second_arrival_of_the_event_writes_nothing(cast):
    from portal.notifications.actions import tell_information_answered
    from portal.outbox import Event

    await asked_by(cast.accounts["client"], cast.client.id)
    await written()
    await tell_information_answered(await Event.objects().get(Event.kind == "information.answered"))
    assert len(await written()) == 1


@pytest.mark.parametrize("what", ["information.sent", "information.withdrawn", "information.applied"])
async def test_of_what_the_client_did_the_client_needs_no_letter(cast, what):
    await outbox.record(what, 1, cast.client.id)
    assert await written() == []
    assert await outbox.Errand.count().where(outbox.Errand.state == "done") == 1


@pytest.mark.parametrize("tongue", language.LANGUAGES)
async def test_it_names_no_section_and_no_reason_and_leads_to_the_answer(cast, nobody, tongue):
    anyone = await an_account("anyone@example.com", name="Bartholomew Vexley", language=tongue)
    await a_grant(anyone, cast.client)
    await asked_by(anyone, cast.client.id, ChangeState.RETURNED)
    await written()
    message = await sent(await Delivery.objects().first())
    _is_readable_without_and_with_html(message)
    _is_discreet(message)
    said = f"{message['Subject']} {text_of(message)} {page_of(message).get_text()}"
    assert not re.search("nsurance|seguro|return|devol|Maya|Harbor", said)
    assert ("The practice has answered. Sign in to see it." in said) == (tongue == "en")
    link = re.search(r"^http://portal\.test(/\S*)$", text_of(message), re.MULTILINE).group(1)
    assert link == f"/clients/{cast.client.id}/information"
    assert (await nobody.get(link, follow=False)).headers["location"].startswith("/sign-in?next=")
    assert (await (await cast.browser("client")).get(link)).status == 200
