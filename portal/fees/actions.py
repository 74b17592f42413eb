"""Keeping the fee schedule and the practice's own diagnoses. What was recorded keeps its words and its fee."""

from dataclasses import dataclass
from datetime import date

from portal import audit
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, refusing, transaction
from portal.fees import icd10cm
from portal.fees.rules import CODE
from portal.fees.tables import DiagnosisCode, Service
from portal.language import lazy
from portal.money import MOST
from portal.refusal import Refused

THERE = Refused(code=lazy("This code is in the fee schedule already. Change it there."))
KNOWN = Refused(code=lazy("This code is on the list already. Change it there."))
SET = """
INSERT INTO fee (service, since, cents) VALUES ({}, {}, {})
ON CONFLICT (service, since) DO UPDATE SET cents = excluded.cents
"""


@dataclass(frozen=True)
class Wording:
    words: str
    words_es: str = ""


async def add_service(viewer: Viewer, code: str, wording: Wording, since: date, cents: int) -> int:
    """Raises `Refused` where the code is no code, or in use already."""
    viewer.must(Permission.FEE_MANAGE)
    if not CODE.fullmatch(code):
        raise Refused(code=lazy("A code has five letters or digits, such as H0004"))
    async with transaction():
        row = Service(code=code, words=wording.words, words_es=wording.words_es)
        with refusing(service_once=THERE):
            await row.save()
        await _set_fee(int(row.id), since, cents)
        await audit.record(viewer, "service.added", subject_id=row.id, code=code)
    return int(row.id)


async def reword(viewer: Viewer, service_id: int, wording: Wording) -> None:
    """From now on; what was recorded before keeps its words."""
    viewer.must(Permission.FEE_MANAGE)
    async with transaction():
        await _touched(
            "UPDATE service SET words = {}, words_es = {} WHERE id = {} RETURNING id",
            wording.words, wording.words_es, service_id,
        )  # fmt: skip
        await audit.record(viewer, "service.reworded", subject_id=service_id)


async def set_fee(viewer: Viewer, service_id: int, since: date, cents: int) -> None:
    """Of visits from that day on, until the next fee begins; of the same day it takes the place of what stood there."""
    viewer.must(Permission.FEE_MANAGE)
    async with transaction():
        await _touched("SELECT id FROM service WHERE id = {} FOR NO KEY UPDATE", service_id)
        await _set_fee(service_id, since, cents)
        await audit.record(viewer, "fee.set", subject_id=service_id, since=since, cents=cents)


async def retire_service(viewer: Viewer, service_id: int, *, is_used: bool = False) -> None:
    """Nobody records it any more; or it is brought back, unless its code is in use again."""
    viewer.must(Permission.FEE_MANAGE)
    async with transaction():
        with refusing(service_once=Refused({"": lazy("Another service has this code now. Retire that one first.")})):
            await _touched("UPDATE service SET is_active = {} WHERE id = {} RETURNING id", is_used, service_id)
        await audit.record(viewer, "service.brought_back" if is_used else "service.retired", subject_id=service_id)


async def save_diagnosis(viewer: Viewer, code_id: int | None, code: str, words: str) -> int:
    """A code of one's own, or another's new words: the code itself stays. Raises `Refused` at either."""
    viewer.must(Permission.FEE_MANAGE)
    async with transaction():
        if code_id is None:
            _must_be_new(code)
            row = DiagnosisCode(code=code, words=words)
            with refusing(diagnosis_code_once=KNOWN):
                await row.save()
            code_id = int(row.id)
        else:
            await _touched("UPDATE diagnosis_code SET words = {} WHERE id = {} RETURNING id", words, code_id)
        await audit.record(viewer, "diagnosis_code.saved", subject_id=code_id)
    return code_id


async def retire_diagnosis(viewer: Viewer, code_id: int, *, is_used: bool = False) -> None:
    viewer.must(Permission.FEE_MANAGE)
    async with transaction():
        await _touched("UPDATE diagnosis_code SET is_active = {} WHERE id = {} RETURNING id", is_used, code_id)
        act = "diagnosis_code.brought_back" if is_used else "diagnosis_code.retired"
        await audit.record(viewer, act, subject_id=code_id)


async def _set_fee(service_id: int, since: date, cents: int) -> None:
    if not 0 < cents <= MOST:
        raise Refused(fee=lazy("Enter a fee above zero, and below a million dollars"))
    await fetch(SET, service_id, since, cents)


async def _touched(sql: str, *values: object) -> None:
    if not await fetch(sql, *values):
        raise NotFoundException


def _must_be_new(code: str) -> None:
    if not icd10cm.is_code(code):
        raise Refused(code=lazy("That is no ICD-10-CM code: write it like G47.00"))
    if code in icd10cm.known():
        raise Refused(code=lazy("This code comes with the portal: there is nothing to add"))
