"""What a link to a video room may be: a clinician's own one and a visit's alike."""

import re
from urllib.parse import urlsplit

from portal.language import lazy

LONGEST = 500
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}", re.IGNORECASE)
UNFIT = re.compile(r"[\s\\<>\"'`{}|^]")


def fault(link: str) -> object | None:
    """The sentence that says what to do, or None where it can be used."""
    if len(link) > LONGEST:
        return lazy("This link is too long: copy the one that begins a meeting, of 500 characters or fewer")
    try:
        parts = urlsplit(link)
        host, is_with_name = parts.hostname or "", parts.username is not None or parts.password is not None
        _ = parts.port
    except ValueError:
        return lazy("Copy the whole link, such as https://video.example.com/room")
    if parts.scheme != "https":
        return lazy("Use a link that begins with https://")
    if is_with_name:
        return lazy("Leave the user name and the password out of the link")
    if not HOST.fullmatch(host) or UNFIT.search(link) or not link.isprintable():
        return lazy("Copy the whole link, such as https://video.example.com/room")
    return None
