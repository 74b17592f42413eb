"""What a text message says: day and time, and nothing of what for, with whom or how."""

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from portal import language
from portal.language import gettext

LONGEST = 160
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


def reminder(starts_at: datetime, zone: str, link: str) -> str:
    """In the current language, in one message where the address of the portal leaves room for it.

    Without a link where there is nothing to confirm.
    """
    when = _when(starts_at, zone)
    if link:
        said = gettext("Reminder: appointment %(when)s. Confirm: %(link)s", when=when, link=link)
    else:
        said = gettext("Reminder: appointment %(when)s.", when=when)
    way_out = gettext("Reply STOP to opt out.")
    whole = plain(f"{said} {way_out}")
    return whole if len(whole) <= LONGEST else plain(said)


def plain(text: str) -> str:
    """In the alphabet of the phone network: one strange letter would halve what fits into a message."""
    return "".join(char if char in GSM else _near(char) for char in text)


def _near(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if part in GSM) or "?"


def _when(starts_at: datetime, zone: str) -> str:
    """`Mon Nov 30, 9:00 AM EST`: whoever is elsewhere must not take it for their own clock."""
    here = starts_at.astimezone(ZoneInfo(zone))
    pattern = "EEE d MMM" if language.current() == "es" else "EEE MMM d"
    name = here.tzname() or ""
    said = language.written_time(starts_at, zone)
    said = f"{said} {name}" if name.isalpha() and name not in said else said
    return f"{language.written_weekday(here.date(), pattern)}, {said}"
