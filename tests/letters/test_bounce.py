from email import message_from_bytes, policy
from email.message import EmailMessage

from portal import consequences
from portal.letters import actions, queries
from portal.letters.tables import Delivery, DeliveryState
from portal.review.queries import queue as reviews
from tasks.cli.bounce import original_id
from tests.factories import TEST, a_client, a_practice, an_invitation

NOTICE = """\
From: mailer-daemon@mx.example
To: no-reply@portal.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It did not arrive.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; maya@example.com
Action: {action}
Status: 5.1.1

--x
Content-Type: {kind}

Message-ID: {message_id}
Subject: You are invited

--x--
"""


def notice(
    action: str = "failed", kind: str = "message/rfc822", message_id: str = "<abc@portal.example>"
) -> EmailMessage:
    told = NOTICE.format(action=action, kind=kind, message_id=message_id)
    return message_from_bytes(told.encode(), _class=EmailMessage, policy=policy.default)  # type: ignore[return-value]


def test_the_letter_is_found_in_both_forms_of_a_notice():
    assert original_id(notice()) == "<abc@portal.example>"
    assert original_id(notice(kind="text/rfc822-headers")) == "<abc@portal.example>"


def test_a_delay_is_no_bounce():
    assert original_id(notice("delayed")) is None


def test_any_other_mail_is_no_bounce():
    other = EmailMessage()
    other.set_content("Message-ID: <abc@portal.example>")
    assert original_id(other) is None


async def test_a_bounced_invitation_is_shown_on_the_chart_and_waits_for_staff(db):
    await a_practice()
    client = await a_client()
    invitation = await an_invitation(client)
    from portal.notifications import actions as notifications
    from portal.outbox import Event

    await notifications.invite(await Event.objects().first())
    letter = await queries.of_subject(TEST, "invitation", invitation.id)
    await actions.settle(TEST, letter, DeliveryState.SENT)
    found = await actions.bounce(TEST, letter.message_id)
    await consequences.alarm_about_letter(found)
    assert (await Delivery.objects().first()).state == "bounced"
    assert [item.kind for item in (await reviews.waiting(TEST)).items] == ["letter.failed_invitation"]


async def test_a_strange_message_id_bounces_nothing(db):
    assert await actions.bounce(TEST, "<nobody@elsewhere>") is None
