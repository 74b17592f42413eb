"""What can be checked without the database: settings, keys, storage, mail, texts, broker, fonts, disk, time zones."""

import asyncio
import os
import re
import secrets
import shutil
import smtplib
import ssl
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.settings import ROOT, settings
from tasks.cli.doctor.broker import broker
from tasks.cli.doctor.findings import Finding, in_short, ok, problem, warning
from tasks.cli.keys import what_is_wrong_with

LEAST_FREE = 1_000_000_000
LOOKED_AT = 200
SMTP_TIMEOUT = 10.0
RENDER_TIMEOUT = 60.0
SAID = "<p>The doctor: Иван 李 محمد."
RENDER = f"import sys; from tasks.actors.pdf import rendered; sys.stdout.buffer.write(rendered({SAID!r}))"
BLANK = "PDFs find no font but our own: names in other alphabets would be blank."
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-droid-fallback"


def settings_() -> Iterator[Finding]:
    config = settings()
    if not config.is_production:
        yield warning(
            "settings", f"This is the {config.mode} mode.", "Set PORTAL_MODE=production before real people use it."
        )
    elif not config.is_secure:
        yield warning(
            "settings", f"BASE_URL is {config.base_url}: it works on this machine only.", "Set it to the https address."
        )
    else:
        yield ok("settings", f"production at {config.base_url}")


def secret() -> Iterator[Finding]:
    keys = settings().secret_keys
    if min(map(len, keys)) < 32:
        yield problem("secret", "A SECRET_KEY is shorter than 32 characters.", "Make one with `openssl rand -hex 32`.")
    elif len(set(keys)) < len(keys):
        yield warning("secret", "SECRET_KEY names one key twice.", "Name each once, the newest first.")
    else:
        yield ok("secret", "one key" if len(keys) == 1 else f"{len(keys)} keys; the first one signs")


def keys() -> Iterator[Finding]:
    from portal.keys import keyring

    path = settings().keys_file
    if not path.exists():
        yield warning(
            "keys", f"{path} does not exist.", "Call `portal keys new` and make a backup; or put the file back."
        )
    elif wrong := what_is_wrong_with(path):
        yield problem("keys", *_halves(wrong))
    else:
        try:
            found = keyring()
        except (ValueError, KeyError, TypeError):
            yield problem(
                "keys", f"{path} cannot be understood.", "Take it from a backup: files cannot be opened without it."
            )
        else:
            yield ok("keys", f"{len(found)} in {path}, the newest of {found[0].made_at[:10]}")


def storage() -> Iterator[Finding]:
    yield from asyncio.run(_storage())


async def _storage() -> list[Finding]:
    from portal import storage
    from portal.keys import Unreadable, keyring

    probe = secrets.token_bytes(1000)
    try:
        stored = await storage.put(probe)
        same = await storage.get(stored.key) == probe
        await storage.delete(stored.key)
        same = same and not await storage.exists(stored.key)
    except Exception as error:  # whatever a store may say
        where = settings().storage_url or settings().data_dir / "files"
        return [
            problem(
                "storage",
                f"{where} does not work: {in_short(error)}.",
                "Check STORAGE_URL, its credentials and the disk.",
            )
        ]
    if not same:
        return [
            problem(
                "storage", "What was stored did not come back, or did not go away.", "Check the disk or the bucket."
            )
        ]
    used, looked = Counter[str](), 0
    async for key in storage.keys_in_store():
        try:
            used[await storage.sealed_with(key)] += 1
        except Unreadable:
            return [problem("storage", f"The file {key} is damaged.", "Take it from a backup.")]
        except storage.NoSuchFile:
            continue
        looked += 1
        if looked == LOOKED_AT:
            break
    missing = set(used) - {one.id for one in keyring()}
    if missing:
        count = sum(used[one] for one in missing)
        return [
            problem(
                "storage", f"{count} of {looked} files are sealed with a key that is not here.",
                f"Put the key {sorted(missing)[0]} back into {settings().keys_file}: it is in a backup.",
            )
        ]  # fmt: skip
    return [ok("storage", f"{settings().storage_url or settings().data_dir / 'files'}: stored, read, deleted")]


def mail() -> Iterator[Finding]:
    config = settings()
    if config.smtp_url is None:
        folder = config.data_dir / "mail"
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(nearest, os.W_OK):
            yield problem(
                "mail", f"Letters cannot be written into {folder}.", "Set SMTP_URL, or let the portal write there."
            )
        elif config.is_production:
            yield warning("mail", f"Letters go into {folder}: nobody receives them.", "Set SMTP_URL.")
        else:
            yield ok("mail", f"letters go into {folder}")
        return
    if config.mail_domain == "portal.example":
        yield warning("mail", f"Letters are from {config.mail_from}.", "Set MAIL_FROM to an address of the practice.")
    try:
        yield ok("mail", _greeted(config.smtp_url))
    except smtplib.SMTPAuthenticationError as error:
        yield problem(
            "mail", f"The mail server refuses the sign-in ({error.smtp_code}).", "Check user and password in SMTP_URL."
        )
    except smtplib.SMTPNotSupportedError:
        yield problem(
            "mail", "The mail server offers no encryption, so it is not told the password.",
            "Use its port for STARTTLS (587), or smtps://.",
        )  # fmt: skip
    except (OSError, smtplib.SMTPException) as error:
        yield problem("mail", f"The mail server does not answer as it should: {in_short(error)}.", "Check SMTP_URL.")


def texts() -> Iterator[Finding]:
    """As long as there is no carrier, nobody receives any."""
    folder = settings().data_dir / "texts"
    written = sum(1 for _ in folder.glob("*.txt"))
    if settings().is_production and written:
        yield warning(
            "texts",
            f"{written} text messages lie in {folder}: nobody has sent them.",
            "No carrier is connected yet (TEXT_CARRIER): call these clients, or rely on letters.",
        )
    else:
        yield ok("texts", f"no carrier: text messages are written into {folder} and not sent")


def _greeted(url: str) -> str:
    """Everything up to the letter itself, by the rules of tasks.actors.email."""
    parts = urlsplit(url)
    trust = ssl.create_default_context()
    host, port = parts.hostname or "localhost", parts.port or 0
    server = (
        smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT, context=trust)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT)
    )
    with server:
        server.ehlo_or_helo_if_needed()
        is_encrypted = parts.scheme == "smtps"
        if not is_encrypted and (parts.username or server.has_extn("starttls")):
            server.starttls(context=trust)
            is_encrypted = True
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.noop()
    how = "encrypted" if is_encrypted else "not encrypted"
    return f"{host} answers, {how}{', signed in' if parts.username else ''}; no letter was sent"


def fonts() -> Iterator[Finding]:
    """In a process of its own: without any font Pango may crash. Our typeface comes along; other alphabets do not."""
    try:
        told = subprocess.run(
            [sys.executable, "-c", RENDER], check=False, cwd=ROOT, capture_output=True, timeout=RENDER_TIMEOUT
        )
    except subprocess.TimeoutExpired:
        yield problem(
            "fonts", f"A page did not become a PDF within {RENDER_TIMEOUT:.0f} s.", "Look at the machine's load."
        )
        return
    if told.returncode == 0 and told.stdout.startswith(b"%PDF-") and _has_fonts(told.stdout):
        yield ok("fonts", f"a page became a PDF of {len(told.stdout):,} bytes")
    else:
        said = told.stderr.decode(errors="replace").strip().splitlines()
        yield problem(
            "fonts", f"No PDFs can be made: {said[-1][:200]}." if said else BLANK,
            f"Install Pango and fonts, on Debian: apt-get install {PACKAGES}",
        )  # fmt: skip


def _has_fonts(pdf: bytes) -> bool:
    """Ours, and two of the machine's at least: none has both Chinese and Arabic."""
    embedded = 0
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            embedded += zlib.decompress(stream).count(b"/FontFile")
    return embedded > 2


def disk() -> Iterator[Finding]:
    folder = settings().data_dir
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    if free < LEAST_FREE:
        yield problem(
            "disk", f"{free / 1e9:.1f} GB are free in {folder}.", "Make room: below 1 GB the database may stop."
        )
    else:
        yield ok("disk", f"{free / 1e9:.0f} GB free in {folder}")


def zones() -> Iterator[Finding]:
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        yield problem("zones", "This machine has no time zones.", "Install tzdata, on Debian: apt-get install tzdata")
    else:
        yield ok("zones", "time zone data are here")


def _halves(sentence: str) -> tuple[str, str]:
    said, _, do = sentence.partition(": ")
    return f"{said}.", f"{do[:1].upper()}{do[1:]}"


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    settings_, secret, keys, storage, mail, texts, broker, fonts, disk, zones,
)  # fmt: skip
