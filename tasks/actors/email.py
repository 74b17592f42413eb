"""The post: a letter's row becomes a message, by SMTP or into a folder. The only place that knows either."""

import asyncio
import os
import smtplib
import ssl
from contextlib import suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from time import monotonic
from urllib.parse import unquote, urlsplit

import css_inline
import dramatiq
from markupsafe import Markup

import tasks.broker  # noqa: F401
from portal import clock, consequences, language, outbox
from portal.access import Viewer
from portal.database import Away, transaction
from portal.letters import actions as letters
from portal.letters.tables import Delivery, DeliveryState
from portal.notifications.letters import context_of
from portal.outbox import Leased
from portal.practice import queries as practices
from portal.practice.tables import Practice
from portal.settings import settings
from portal.web.templates import render
from tasks.actors import carry_out, in_thread

POST_OFFICE = Viewer.portal("post")
REPLY_TIMEOUT = 20.0
SHARE = 0.75  # of the lease: then it is given up for now, before somebody else takes it up
SIGN_IN_FIRST = 530  # which is ours to put right, and no fault of the letter's
INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


class Refused(Exception):
    """The other side will not take this letter, now or later."""


@dramatiq.actor
async def deliver(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, post)


async def post(errand: Leased) -> None:
    delivery = await Delivery.objects().get(Delivery.id == errand.subject_id)
    assert delivery is not None
    if delivery.state != DeliveryState.QUEUED:
        await outbox.settle(errand)
        return
    try:
        message = await written(delivery)
        if message is None:
            await _settle(errand, delivery, DeliveryState.DROPPED)
        else:
            await in_thread(send, message, monotonic() + settings().outbox_lease * SHARE)
            await _settle_sent(errand, delivery)
    except Refused as refusal:
        await _settle(errand, delivery, DeliveryState.FAILED, str(refusal))


async def _settle_sent(errand: Leased, delivery: Delivery) -> None:
    """A database that restarts just now must not make the letter go out again."""
    while True:
        try:
            return await letters.settle_sent(POST_OFFICE, delivery, errand)
        except Away:
            await asyncio.sleep(0.25)


async def _settle(errand: Leased, delivery: Delivery, state: DeliveryState, error: str = "") -> None:
    async with transaction():
        await letters.settle(POST_OFFICE, delivery, state, error)
        if state == DeliveryState.FAILED:
            await consequences.alarm_about_letter(delivery)
        await outbox.settle(errand)


async def written(delivery: Delivery) -> EmailMessage | None:
    """Subject, text first, then HTML with its styles inside; None where the letter has lost its point."""
    context = await context_of(delivery.kind, delivery.subject_id, delivery.address)
    if context is None:
        return None
    practice = await practices.practice(POST_OFFICE)
    with language.speaking(delivery.language):
        sender = _sender(practice)
        told = {**context, "sender": sender, "locale": language.current(), "time_zone": practice.time_zone}
        plain = {name: Markup(one) if isinstance(one, str) else one for name, one in told.items()}  # noqa: S704 - no HTML
        subject = render(f"email/{delivery.kind}/subject.txt", plain)
        text = render(f"email/{delivery.kind}/body.txt", plain)
        page = render(f"email/{delivery.kind}/body.html", told)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _on_one_line(subject)
    message["From"] = Address(sender, addr_spec=settings().mail_from)
    message["To"] = _to(delivery.address)
    message["Message-ID"] = delivery.message_id
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(INLINER.inline(page), subtype="html", cte="quoted-printable")
    message["Content-Language"] = delivery.language  # last: the parts take along what begins so
    return message


def _sender(practice: Practice) -> str:
    """In the language of the letter, and never empty."""
    name = (language.current() == "es" and practice.sender_name_es) or practice.sender_name or practice.name
    return _on_one_line(name) or language.gettext("Client portal")


def _on_one_line(text: str) -> str:
    """As a header bears it: nothing that breaks a line, hides, or passes for an encoded word."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable()).replace("=?", "= ?")


def _to(address: str) -> Address:
    """A domain in other letters than ASCII goes out as DNS knows it."""
    mailbox, _, domain = address.rpartition("@")
    try:
        return Address(addr_spec=f"{mailbox}@{domain.encode('idna').decode()}")
    except (ValueError, HeaderParseError, IndexError):
        raise Refused("no mail can be sent to this address") from None


def send(message: EmailMessage, until: float) -> None:
    """Blocks until the other side has said 250, or the file is on the disk. Raises `Refused` for a lasting no."""
    url = settings().smtp_url
    if url is None:
        _into_folder(message, settings().data_dir / "mail")
        return
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or 0
    if parts.scheme == "smtps":
        server: smtplib.SMTP = _ConnectionOverTls(until, host, port, _own_name(), context=_trust())
    else:
        server = _Connection(until, host, port, _own_name())
    try:
        if _must_start_tls(server, parts.username):
            server.starttls(context=_trust())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        _hand_over(server, message)
        with suppress(OSError):  # the letter is theirs now, whatever they say to our leaving
            server.putcmd("QUIT")
    finally:
        with suppress(OSError):
            server.close()


class _Connection(smtplib.SMTP):
    """Each reply has its time, and all of them together have theirs: `until`, by the monotonic clock."""

    def __init__(self, until: float, host: str, port: int, own_name: str, **more: ssl.SSLContext) -> None:
        self.until = until
        super().__init__(host, port, own_name, timeout=self.patience(), **more)  # type: ignore[arg-type]

    def patience(self) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, REPLY_TIMEOUT)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(self.patience())
        return super().getreply()


class _ConnectionOverTls(_Connection, smtplib.SMTP_SSL):
    """`smtps://`: TLS from the first byte."""


@cache
def _trust() -> ssl.SSLContext:
    """The system's certificates, or those that SSL_CERT_FILE names; read once, for it takes longer than a letter."""
    return ssl.create_default_context()


@cache
def _own_name() -> str:
    """Looked up once: where DNS is slow, it would be slow for each letter."""
    return smtplib.SMTP().local_hostname


def _must_start_tls(server: smtplib.SMTP, username: str | None) -> bool:
    """Where it is offered; and always before a password: a server that does not offer it is not told one."""
    if isinstance(server, smtplib.SMTP_SSL):
        return False
    server.ehlo_or_helo_if_needed()
    return bool(username) or server.has_extn("starttls")


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        code = _code(error)
        if 500 <= code < 600 and code != SIGN_IN_FIRST:
            raise Refused(f"refused with {code}") from None
        raise


def _code(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    assert isinstance(error, smtplib.SMTPResponseException)
    return error.smtp_code


def _into_folder(message: EmailMessage, folder: Path) -> None:
    """Named by its Message-ID, so that a second copy takes the place of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    draft = folder / f"{name}.{os.getpid()}.new"
    with draft.open("wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / f"{name}.eml")
