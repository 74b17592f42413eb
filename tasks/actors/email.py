"""The post: a letter's row becomes a message, by SMTP or into a folder. The only place that knows either."""

import asyncio
import os
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import css_inline
import dramatiq

import tasks.broker  # noqa: F401
from portal import clock, consequences, language, outbox
from portal.access import Viewer
from portal.database import transaction
from portal.letters import actions as letters
from portal.letters.tables import Delivery, DeliveryState
from portal.notifications.letters import CONTEXTS
from portal.outbox import Leased
from portal.practice import queries as practices
from portal.settings import settings
from portal.web.templates import render
from tasks.actors import carry_out

POST_OFFICE = Viewer.portal("post")
TIMEOUT = 20.0
INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


class Refused(Exception):
    """The other side will not take this letter, now or later."""


@dramatiq.actor
async def deliver(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, post)


async def post(errand: Leased) -> None:
    delivery = await Delivery.objects().get(Delivery.id == errand.subject_id)
    assert delivery is not None
    state, error = DeliveryState.DROPPED, ""
    if delivery.state != DeliveryState.QUEUED:
        await outbox.settle(errand)
        return
    message = await written(delivery)
    if message is not None:
        try:
            await asyncio.to_thread(send, message)
            state = DeliveryState.SENT
        except Refused as refusal:
            state, error = DeliveryState.FAILED, str(refusal)
    async with transaction():
        await letters.settle(POST_OFFICE, delivery, state, error)
        if state == DeliveryState.FAILED:
            await consequences.alarm_about_letter(delivery)
        await outbox.settle(errand)


async def written(delivery: Delivery) -> EmailMessage | None:
    """Subject, text first, then HTML with its styles inside; None where the letter has lost its point."""
    context = await CONTEXTS[delivery.kind](delivery.subject_id)
    if context is None:
        return None
    practice = await practices.practice(POST_OFFICE)
    sender = practice.sender_name or practice.name or "Client portal"
    with language.speaking(delivery.language):
        told = {**context, "sender": sender, "locale": language.current(), "time_zone": practice.time_zone}
        subject, text, page = (
            render(f"email/{delivery.kind}/{part}", told) for part in ("subject.txt", "body.txt", "body.html")
        )
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())
    message["From"] = Address(sender, addr_spec=settings().mail_from)
    message["To"] = Address(addr_spec=delivery.address)
    message["Message-ID"] = delivery.message_id
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = delivery.language
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(INLINER.inline(page), subtype="html", cte="quoted-printable")
    return message


def send(message: EmailMessage) -> None:
    """Blocks until the other side has said 250, or the file is on the disk. Raises `Refused` for a lasting no."""
    url = settings().smtp_url
    if url is None:
        _into_folder(message, settings().data_dir / "mail")
        return
    parts = urlsplit(url)
    secure = ssl.create_default_context()
    door = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    more = {"context": secure} if parts.scheme == "smtps" else {}
    try:
        with door(parts.hostname or "localhost", parts.port or 0, timeout=TIMEOUT, **more) as server:  # type: ignore[arg-type]
            if _must_start_tls(server, parts.username):
                server.starttls(context=secure)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        if 500 <= code < 600:
            raise Refused(f"refused with {code}") from None
        raise
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        if 500 <= error.smtp_code < 600:
            raise Refused(f"refused with {error.smtp_code}") from None
        raise


def _must_start_tls(server: smtplib.SMTP, username: str | None) -> bool:
    """Where it is offered; and always before a password: a server that does not offer it is not told one."""
    if isinstance(server, smtplib.SMTP_SSL):
        return False
    server.ehlo_or_helo_if_needed()
    return bool(username) or server.has_extn("starttls")


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
