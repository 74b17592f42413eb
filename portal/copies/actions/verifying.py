"""Whether a file is one of ours, and still as it was made. Nothing of it is kept."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from portal import signets
from portal.access import Viewer
from portal.accounts import throttle
from portal.copies import workbench
from portal.copies.queries import copies
from portal.language import lazy
from portal.refusal import Refused

DOOR = "verify"
MOST_BYTES = 20 * 1024 * 1024
NO_FILE = Refused(file=lazy("Choose the PDF that you want to check"))
TOO_LARGE = Refused(file=lazy("Choose a file of 20 MB or less"))


class Standing(StrEnum):
    OURS = "ours"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """`at` is when it was made, as far as that is known for sure."""

    standing: Standing
    at: datetime | None = None


async def verify(viewer: Viewer, content: bytes) -> Verdict:
    """For everybody. Strangers' files are counted, since each costs work. Raises `Refused`, and `TooMany`."""
    if not content:
        raise NO_FILE
    if len(content) > MOST_BYTES:
        raise TOO_LARGE
    await throttle.knock(DOOR, viewer.address, viewer.address, most=throttle.ENDLESS)
    if at := await copies.made_with(viewer, sha256(content).digest()):
        await throttle.let_in(DOOR, viewer.address, viewer.address)
        return Verdict(Standing.OURS, at)
    return await judged(viewer, content)


async def judged(viewer: Viewer, content: bytes) -> Verdict:
    """By its seal alone. Where there is another file of the same sending, this one was changed, and be it by a byte
    that no seal covers.
    """
    if not signets.may_have_sealed(content):
        return Verdict(Standing.UNKNOWN)
    found = await workbench.checked(content)
    ours = [one for one in found.seals if signets.knows(one.fingerprint)]
    if not ours:
        return Verdict(Standing.UNKNOWN)
    if all(one.holds and one.is_whole for one in ours) and not await _has_another(viewer, found.record):
        return Verdict(Standing.OURS, ours[0].at)
    return Verdict(Standing.CHANGED)


async def _has_another(viewer: Viewer, record: str) -> bool:
    try:
        told = json.loads(record)
        return await copies.is_there(viewer, int(told["submission"]), str(told["kind"]))
    except (ValueError, KeyError, TypeError):
        return False
