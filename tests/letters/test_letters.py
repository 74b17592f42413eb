"""Each kind of letter in each language: what it says, what it never says, and what becomes of it."""

import re
import smtplib
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from bs4 import BeautifulSoup

from portal import clock, language, outbox
from portal.access import Role, Viewer
from portal.accounts.actions import invitation as invitations
from portal.accounts.actions import password_reset, registration
from portal.accounts.tables import Account, PasswordReset
from portal.database import Away, fetch
from portal.invoices.actions import issuing
from portal.letters import actions as letters
from portal.letters.tables import Delivery, DeliveryState
from portal.messages.actions import sending
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from portal.notifications import actions as notifications
from portal.outbox import Errand
from portal.review.tables import ReviewItem
from portal.settings import settings
from tasks.actors import email as post
from tests.billing.factories import a_payment, an_encounter
from tests.factories import PASSWORD, TEST, a_client, a_grant, a_member, a_practice, an_account, an_invitation
from tests.messages.steps import viewer_of, words
from tests.tasks.post import Sink, work_through

KINDS = ["invitation", "password-reset", "password-changed", "welcome", "access-added", "message-waiting"]
KINDS += ["invoice-waiting", "receipt-waiting", "charge-failed", "charge-coming", "charge-held", "autopay-off"]
SENDER = "Your client portal"
CANARIES = [
    "Zanzibar",
    "Quillon",
    "Vexley",
    "Ophelia",
    "Thornbury",
    "Bartholomew",
    "1987",
    "1991",
    "10001",
    "4435550142",
]
HEALTH = re.compile(
    r"therap|counsel|behavio|mental|psych|clinic|health|medic|doctor|\bdr\b|treatment|diagnos|patient|recovery|appointment"
    r"|terap|consejer|conduct|salud|psic|clínic|médic|tratamient|paciente|recupera|\bcita",
    re.IGNORECASE,
)


async def the_letter(kind: str, tongue: str) -> Delivery:
    """Written as it is in life: somebody did what this kind of letter follows."""
    await a_practice(name="Zanzibar Recovery Clinic", phone="+14435550142")
    clinician, _ = await a_member(Role.CLINICIAN, "Ophelia", "Thornbury", is_clinician=True, prefix="Dr.")
    client = await a_client("Quillon", "Vexley", date(1987, 3, 4), principal_clinician=clinician.id)
    with language.speaking(tongue):
        await HAPPENINGS[kind](client, tongue)
    await work_through("announce")
    letter = await Delivery.objects().get(Delivery.kind == kind)
    assert letter is not None and letter.language == tongue
    return letter


async def _invited(client, tongue):
    return await an_invitation(client, "anyone@example.com", holder_name="Bartholomew Vexley", language=tongue)


async def _registered(client, tongue):
    invitation = await _invited(client, tongue)
    await registration.register(Viewer.nobody(), invitation.id, PASSWORD, PASSWORD)


async def _gained(client, tongue):
    account = await an_account("anyone@example.com", name="Bartholomew Vexley", language=tongue)
    invitation = await _invited(client, tongue)
    viewer = Viewer(account_id=account.id, email="anyone@example.com", name="Bartholomew Vexley")
    await registration.gain(viewer, invitation.id)


async def _forgot(client, tongue):
    await an_account("anyone@example.com", name="Bartholomew Vexley", language=tongue)
    await password_reset.ask(Viewer.nobody(), "anyone@example.com")


async def _changed(client, tongue):
    await _forgot(client, tongue)
    reset = await PasswordReset.objects().first()
    await password_reset.set_password(Viewer.nobody(), reset.id, "an other tractor hums", "an other tractor hums")


async def _wrote(client, tongue):
    """The practice, to somebody who does not look for five minutes."""
    account = await an_account("anyone@example.com", name="Bartholomew Vexley", language=tongue)
    await a_grant(account, client)
    _, desk = await a_member(Role.FRONT_DESK)
    beginning = Beginning(Topic.APPOINTMENTS, "Zanzibar", None, frozenset({account.id}))
    await sending.begin_for_staff(await viewer_of(desk), client.id, beginning, words("Quillon"))
    await work_through("announce")
    with clock.shifted(minutes=6):
        await work_through("tell")


async def _invoiced(client, tongue):
    biller = await _reader(client, tongue)
    await an_encounter(client)
    await issuing.issue(biller, client.id)


async def _paid(client, tongue):
    await a_payment(client, 199100, viewer=await _reader(client, tongue))


async def _charge_failed(client, tongue):
    """By staff, with a card on file, and the bank said no."""
    await _reader(client, tongue)
    (row,) = await fetch(
        "INSERT INTO payment_attempt (public, client, source, state, amount, token, brand, last4, exp_month, exp_year,"
        " saves, makes_default, consent, next_url, code, reason, made_at, is_whole)"
        " VALUES (gen_random_uuid(), {}, 'staff', 'declined', 199100, '', 'visa', '1991', 1, 1987, false, false,"
        " 'Zanzibar', '', 'lost_card', 'Thornbury', now(), false) RETURNING id",
        client.id,
    )
    await outbox.record("card_charge.failed", row["id"], client.id)


async def _charge_coming(client, tongue):
    await _autopay(client, tongue, "coming")


async def _charge_held(client, tongue):
    await _autopay(client, tongue, "above", "autopay.held")


async def _autopay_off(client, tongue):
    await _autopay(client, tongue, "off", "autopay.held")
    (row,) = await fetch("UPDATE autopay SET ended_at = now() RETURNING id")
    await outbox.record("autopay.turned_off", row["id"], client.id)


async def _autopay(client, tongue, state, kind="autopay.coming"):
    await _invoiced(client, tongue)
    (row,) = await fetch(
        "WITH agreed AS (INSERT INTO autopay (client, most, consent, agreed_by, agreed_at)"
        "   SELECT {}, 199100, 'Zanzibar', id, now() FROM account WHERE email = 'anyone@example.com' RETURNING id)"
        " INSERT INTO autopay_due (autopay, client, invoice, due_on, charge_on, state, told_at)"
        " SELECT agreed.id, i.client, i.id, i.due_on, i.due_on, {}, now() FROM agreed, invoice AS i RETURNING id",
        client.id,
        state,
    )
    await outbox.record(kind, row["id"], client.id)


async def _reader(client, tongue) -> Viewer:
    """Somebody reads the account; returns who keeps it."""
    account = await an_account("anyone@example.com", name="Bartholomew Vexley", language=tongue)
    await a_grant(account, client)
    member, _ = await a_member(Role.BILLER)
    return Viewer(account_id=1, staff_id=member.id, role=Role.BILLER)


HAPPENINGS = {
    "invitation": _invited,
    "password-reset": _forgot,
    "password-changed": _changed,
    "welcome": _registered,
    "access-added": _gained,
    "message-waiting": _wrote,
    "invoice-waiting": _invoiced,
    "receipt-waiting": _paid,
    "charge-failed": _charge_failed,
    "charge-coming": _charge_coming,
    "charge-held": _charge_held,
    "autopay-off": _autopay_off,
}
INSIDE = ("access-added", "message-waiting", "invoice-waiting", "receipt-waiting", "charge-failed", "charge-coming",
          "charge-held", "autopay-off")  # fmt: skip


async def sent(letter: Delivery) -> EmailMessage:
    """As the other side reads it: through bytes."""
    message = await post.written(letter)
    assert message is not None
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def text_of(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def page_of(message: EmailMessage) -> BeautifulSoup:
    return BeautifulSoup(message.get_body(("html",)).get_content(), "html.parser")


def link_in(message: EmailMessage) -> str:
    return re.search(rf"^{re.escape(settings().base_url)}/\S*$", text_of(message), re.MULTILINE).group()


@pytest.fixture(params=[(kind, tongue) for kind in KINDS for tongue in language.LANGUAGES], ids="-".join)
async def letter(request, db) -> Delivery:
    return await the_letter(*request.param)


async def test_it_says_what_it_must_and_betrays_nothing(letter, nobody):
    message = await sent(letter)
    _has_its_headers(message, letter)
    _is_readable_without_and_with_html(message)
    _is_laid_out_without_a_style_sheet(page_of(message))
    _is_discreet(message)
    await _leads_into_the_portal(message, letter, nobody)


def _has_its_headers(message: EmailMessage, letter: Delivery) -> None:
    assert message["From"].addresses[0].display_name == SENDER
    assert message["From"].addresses[0].addr_spec == settings().mail_from
    assert [one.addr_spec for one in message["To"].addresses] == ["anyone@example.com"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == letter.language
    assert message["Message-ID"] == letter.message_id
    assert message["Date"].datetime.tzinfo is not None
    assert {name for name in message if list(message).count(name) > 1} == set()


def _is_readable_without_and_with_html(message: EmailMessage) -> None:
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, message.as_bytes(policy=SMTP).splitlines())) <= 78
    text = text_of(message)
    assert "<" not in text and "&amp;" not in text and "&#" not in text
    words = " ".join(page_of(message).body.get_text(" ").split())
    for line in text.split("\n-- \n")[0].splitlines():
        if line and not line.endswith(":"):
            assert " ".join(line.split()) in words


def _is_laid_out_without_a_style_sheet(page: BeautifulSoup) -> None:
    page.style.extract()
    for tag, wanted in {
        "body": "background-color",
        "h1": "font-size",
        "p": "margin",
        ".button-link": "padding",
    }.items():
        for one in page.select(tag):
            assert wanted in one.get("style", ""), one
    assert "background-color" in page.select_one(".button-cell")["style"]
    assert "max-width: 600px" in page.select_one(".sheet")["style"]
    assert page.html["lang"] in language.LANGUAGES
    assert not page.select("script, link, img, iframe, form, [onclick]"), "nothing is fetched, nothing runs"


def _is_discreet(message: EmailMessage) -> None:
    whole = "\n".join(
        [*(f"{name}: {value}" for name, value in message.items()), text_of(message), str(page_of(message))]
    )
    assert [canary for canary in CANARIES if re.search(rf"(?<!\w){re.escape(canary)}(?!\w)", whole)] == []
    said = "\n".join([message["Subject"], text_of(message), page_of(message).body.get_text(" ")])
    assert HEALTH.findall(said.replace(settings().base_url, "")) == []
    assert whole.count("anyone@example.com") == 1, "only in To"


async def _leads_into_the_portal(message: EmailMessage, letter: Delivery, nobody) -> None:
    link = link_in(message)
    page = page_of(message)
    assert {str(one["href"]) for one in page.select("a")} == {link}
    assert page.select_one(".address-link").get_text() == link
    assert page.select_one(".button-link").get_text()
    found = await nobody.get(link.removeprefix(settings().base_url), follow=False)
    assert found.status == (303 if letter.kind in INSIDE else 200), found.words


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_told_in_the_language_of_whom_it_is_for(db, kind):
    english = await the_letter(kind, "en")
    in_english = await sent(english)
    in_spanish = await sent(await _in_spanish(english))
    assert in_english["Subject"] != in_spanish["Subject"]
    lines = {
        line for line in text_of(in_english).splitlines() if line and not line.startswith((settings().base_url, "-- "))
    }
    assert [line for line in text_of(in_spanish).splitlines() if line in lines] == [SENDER]


async def _in_spanish(letter: Delivery) -> Delivery:
    letter.language = "es"
    return letter


async def test_the_code_in_an_invitation_opens_it(db, nobody):
    message = await sent(await the_letter("invitation", "en"))
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(message)).group()
    page = await nobody.post("/invitation", code=code, follow=False)
    assert page.status == 303 and page.headers["location"].endswith("/registration")


# The same letter again ----------------------------------------------------------------------------------------------


async def test_a_letter_keeps_its_message_id_however_often_it_is_tried(db):
    letter = await the_letter("invitation", "en")
    first = await sent(letter)
    with clock.shifted(hours=3):
        again = await sent(await Delivery.objects().get(Delivery.id == letter.id))
    assert first["Message-ID"] == again["Message-ID"]
    assert text_of(first) == text_of(again)


async def test_a_letter_that_staff_send_again_keeps_its_message_id(db):
    letter = await the_letter("invitation", "en")
    await letters.settle(TEST, letter, DeliveryState.FAILED, "refused with 550")
    await notifications.send_again(TEST, letter.id)
    again = await Delivery.objects().get(Delivery.id == letter.id)
    assert (again.state, again.message_id) == (DeliveryState.QUEUED, letter.message_id)
    await work_through("deliver")
    assert (await Delivery.objects().get(Delivery.id == letter.id)).state == DeliveryState.SENT


async def test_two_letters_never_share_a_message_id(db):
    account = await an_account()
    for _ in range(5):
        await outbox.record("password.changed", account.id)
    await work_through("announce")
    assert len({letter.message_id for letter in await Delivery.objects()}) == 5


async def test_without_a_mail_server_a_letter_becomes_a_file_and_a_second_copy_takes_its_place(
    db, tmp_path, monkeypatch
):
    letter = await the_letter("invitation", "en")
    message = await post.written(letter)
    monkeypatch.setattr(post, "settings", lambda: replace(settings(), data_dir=tmp_path))
    for _ in range(2):
        post.send(message, float("inf"))
    (file,) = (tmp_path / "mail").iterdir()
    assert message_from_bytes(file.read_bytes(), policy=default)["Message-ID"] == letter.message_id


# Letters that have lost their point ---------------------------------------------------------------------------------


async def test_the_letter_of_a_replaced_invitation_is_dropped_and_says_so(db):
    client = await a_client()
    first = await an_invitation(client, "first@example.com")
    await work_through("announce")
    second = await an_invitation(client, "second@example.com")
    await work_through("announce")
    await work_through("deliver")
    assert await _states() == {first.id: "dropped", second.id: "sent"}


async def test_the_letter_of_a_revoked_invitation_is_dropped(db):
    client = await a_client()
    invitation = await an_invitation(client)
    await invitations.revoke(TEST, client.id)
    await _carry_all()
    assert await _states() == {invitation.id: "dropped"}


async def test_the_letter_of_an_expired_invitation_is_dropped(db):
    invitation = await an_invitation(await a_client())
    with clock.shifted(days=8):
        await _carry_all()
    assert await _states() == {invitation.id: "dropped"}


async def test_a_reset_that_could_not_be_sent_within_its_hour_is_dropped(db):
    await an_account()
    await password_reset.ask(Viewer.nobody(), "maya@example.com")
    reset = await PasswordReset.objects().first()
    with clock.shifted(minutes=61):
        await _carry_all()
    assert await _states() == {reset.id: "dropped"}


async def test_of_two_resets_only_the_newer_is_sent(db):
    await an_account()
    for _ in range(2):
        await password_reset.ask(Viewer.nobody(), "maya@example.com")
    await _carry_all()
    assert sorted((await _states()).values()) == ["dropped", "sent"]


async def test_a_dropped_letter_troubles_nobody(db):
    client = await a_client()
    await an_invitation(client)
    await invitations.revoke(TEST, client.id)
    await _carry_all()
    assert await ReviewItem.count() == 0
    assert await Errand.count().where(Errand.state == "done") == await Errand.count()


# Names and addresses that try to be more ----------------------------------------------------------------------------

MAYHEM = [
    "Portal\r\nBcc: thief@example.net",
    "Portal\nX-Mailer: thief",
    "Portal\r\n\r\n<h1>Pay here</h1>",
    'Portal" <thief@example.net>, "',
    "Portal <thief@example.net>",
    "Portal, thief@example.net",
    "=?utf-8?q?thief=40example=2Enet?=",
    "Clínica Ñandú — «日本» 🌊",
    "Porta\u202el\u0000\u001b[31m",
    'Smith & Sons\' "Portal"',
    "x" * 120,
]


@pytest.mark.parametrize("name", MAYHEM)
async def test_a_senders_name_is_a_name_and_nothing_more(db, name):
    letter = await the_letter("welcome", "en")
    await a_practice(sender_name=name.replace("\0", ""))
    message = await sent(letter)
    (sender,) = message["From"].addresses
    assert sender.addr_spec == settings().mail_from
    assert sender.display_name == _printable(name)
    assert message["Bcc"] is None and message["X-Mailer"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["anyone@example.com"]
    assert len(list(message.iter_parts())) == 2
    assert page_of(message).select("h1")[0].get_text(strip=True) == "Your account is ready"
    assert len(page_of(message).select("h1")) == 1
    assert _printable(name) in " ".join(page_of(message).get_text().split())
    assert _printable(name) in text_of(message), "and in the text nothing is escaped"


def _printable(name: str) -> str:
    return "".join(char for char in " ".join(name.split()) if char.isprintable()).replace("=?", "= ?")


@pytest.mark.parametrize(
    ("domain", "written"), [("bücher.example", "xn--bcher-kva.example"), ("EXAMPLE.com", "EXAMPLE.com")]
)
async def test_a_domain_goes_out_as_dns_knows_it(db, domain, written):
    letter = await the_letter("welcome", "en")
    letter.address = f"anyone@{domain}"
    assert (await sent(letter))["To"].addresses[0].addr_spec == f"anyone@{written}"


@pytest.mark.parametrize(
    "address", ['"much.more unusual"@example.com', "o'brien+portal@example.com", "a" * 60 + "@example.com"]
)
async def test_an_unusual_address_is_written_to(db, address):
    letter = await the_letter("welcome", "en")
    letter.address = address
    assert (await sent(letter))["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    "address",
    [
        "maya@example.com\r\nBcc: thief@example.net",
        "maya@example.com\nDATA",
        "maya@example.com, thief@example.net",
        "maya@example.com> <thief@example.net",
        "Maya <maya@example.com>",
        "maya@exa\x01mple.com",
        "maya",
        "@",
        "",
        "josé@example.com",
        "maya@" + "x" * 70 + ".example",
    ],
)
async def test_what_is_no_address_fails_at_once_and_waits_for_staff(db, address):
    account = await an_account("anyone@example.com")
    await Account.update({Account.email: address}, force=True)
    await outbox.record("password.changed", account.id)
    await _carry_all()
    letter = await Delivery.objects().first()
    assert (letter.state, letter.last_error) == (DeliveryState.FAILED, "no mail can be sent to this address")
    assert (await ReviewItem.objects().first()).kind == "letter.failed"
    assert await Errand.count().where(Errand.state == "done") == 2


# What mail servers say ----------------------------------------------------------------------------------------------


@pytest.fixture
def sink(monkeypatch):
    with Sink() as it:
        monkeypatch.setattr(post, "settings", lambda: replace(settings(), smtp_url=it.url))
        yield it


@pytest.mark.parametrize("answer", ["550 no such user", "552 full", "554 go away"])
async def test_a_lasting_no_is_a_failed_letter_and_an_item_for_staff(db, sink, answer):
    sink.answer = lambda address: answer
    client = await a_client()
    await an_invitation(client)
    await _carry_all()
    letter = await Delivery.objects().first()
    assert (letter.state, letter.last_error) == (DeliveryState.FAILED, f"refused with {answer[:3]}")
    item = await ReviewItem.objects().first()
    assert (item.kind, item.subject_id, item.url) == (
        "letter.failed_invitation",
        client.id,
        f"/staff/clients/{client.id}",
    )


@pytest.mark.parametrize("answer", ["450 later", "421 too busy", "530 sign in first"])
async def test_a_passing_no_leaves_the_letter_queued(db, sink, answer):
    sink.answer = lambda address: answer
    await an_invitation(await a_client())
    await _carry_all()
    assert (await Delivery.objects().first()).state == DeliveryState.QUEUED
    errand = await Errand.objects().get(Errand.actor == "deliver")
    assert (errand.state, errand.attempts) == ("queued", 1)
    sink.answer = lambda address: None
    with clock.shifted(minutes=1):
        await work_through()
    assert (await Delivery.objects().first()).state == DeliveryState.SENT
    assert len(sink.letters) == 1


async def test_a_server_that_is_too_slow_is_given_up_before_somebody_else_takes_the_letter_up(db, sink, monkeypatch):
    monkeypatch.setattr(post, "SHARE", 1 / 60)
    sink.delay = 5
    await an_invitation(await a_client())
    await _carry_all()
    errand = await Errand.objects().get(Errand.actor == "deliver")
    assert (errand.state, errand.attempts) == ("queued", 1)
    assert clock.now() < errand.due_at


async def test_a_server_that_does_not_say_goodbye_has_the_letter_all_the_same(db, sink):
    sink.quit_delay = 30
    await an_invitation(await a_client())
    began = clock.now()
    await _carry_all()
    assert (await Delivery.objects().first()).state == DeliveryState.SENT
    assert (clock.now() - began).total_seconds() < 10


async def test_a_server_that_hangs_up_after_its_250_has_the_letter_all_the_same(db, sink, monkeypatch):
    def hung_up(connection: smtplib.SMTP, command: str, told: str = "") -> None:
        if command == "QUIT":
            raise smtplib.SMTPServerDisconnected
        smtplib.SMTP.putcmd(connection, command, told)

    monkeypatch.setattr(post._Connection, "putcmd", hung_up, raising=False)
    await an_invitation(await a_client())
    await _carry_all()
    assert (await Delivery.objects().first()).state == DeliveryState.SENT


async def test_a_database_that_is_away_for_a_moment_after_the_250_does_not_make_it_go_out_twice(db, sink, monkeypatch):
    settle, failures = letters.settle_sent, [Away(), Away()]

    async def stumbling(*told, **more):
        if failures:
            raise failures.pop()
        await settle(*told, **more)

    monkeypatch.setattr(letters, "settle_sent", stumbling)
    await an_invitation(await a_client())
    await _carry_all()
    assert (await Delivery.objects().first()).state == DeliveryState.SENT
    assert len(sink.letters) == 1


async def _carry_all() -> None:
    await work_through("announce")
    await work_through("deliver")


async def _states() -> dict[int, str]:
    return {letter.subject_id: str(letter.state) for letter in await Delivery.objects()}
