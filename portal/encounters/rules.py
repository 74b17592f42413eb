"""What an encounter must be, whoever brings it: a form, an import, the demo."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from portal.encounters.drafts import POINTERS, EncounterDraft, LineDraft
from portal.language import lazy
from portal.money import MOST
from portal.practice.identifiers import is_npi
from portal.refusal import Refused

PLACES: dict[str, object] = {
    "11": lazy("Office"),
    "10": lazy("Telehealth, at the client's home"),
    "02": lazy("Telehealth, elsewhere"),
    "12": lazy("Home"),
    "03": lazy("School"),
    "53": lazy("Community mental health center"),
    "99": lazy("Another place"),
}
MOST_LINES, MOST_UNITS, MOST_MODIFIERS, MOST_POINTERS = 12, 999, 4, 4
CODE = re.compile(r"[0-9A-Z]{5}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def check(draft: EncounterDraft, now: datetime) -> None:
    """Raises `Refused`; a line's sentences stand at `line1.units`, `line1.pointers`, …"""
    wrong: dict[str, object] = {}
    if draft.starts_at > now:
        wrong["date"] = lazy("This visit is still to come. Record it when it is over.")
    if draft.place_of_service not in PLACES:
        wrong["place_of_service"] = lazy("Choose where it was")
    if not draft.lines:
        wrong["line1.code"] = lazy("Enter at least one service")
    if len(draft.lines) > MOST_LINES:
        wrong[""] = lazy("That is more than %(most)s services. Record the rest as another encounter.", most=MOST_LINES)
    if len(draft.diagnoses) > len(POINTERS):
        wrong["diagnosis1"] = lazy("There is room for %(most)s diagnoses", most=len(POINTERS))
    if draft.referring_npi and not is_npi(draft.referring_npi):
        wrong["referring_npi"] = NO_NPI
    for place, line in enumerate(draft.lines, 1):
        wrong |= {f"line{place}.{name}": words for name, words in _wrong(line, len(draft.diagnoses)).items()}
    if wrong:
        raise Refused(wrong)


NO_NPI = lazy("This is not an NPI: check its ten digits")


def _wrong(line: LineDraft, diagnoses: int) -> dict[str, object]:
    wrong: dict[str, object] = {}
    if not line.words:
        wrong["code"] = lazy("This code is not in the fee schedule. Add it there, or check it.")
    if not 1 <= line.units <= MOST_UNITS:
        wrong["units"] = lazy("Enter units from 1 to %(most)s", most=MOST_UNITS)
    elif not 0 <= line.charge <= MOST or line.fee < 0:
        wrong["fee"] = lazy("That is too much for one service. Check the units and the fee.")
    elif not line.charge:
        wrong["fee"] = lazy("Enter a fee above zero")
    if len(line.modifiers) > MOST_MODIFIERS or not all(map(MODIFIER.fullmatch, line.modifiers)):
        wrong["modifiers"] = lazy("Enter up to %(most)s modifiers of two signs, such as 95", most=MOST_MODIFIERS)
    if len(line.pointers) > MOST_POINTERS or len(set(line.pointers)) < len(line.pointers):
        wrong["pointers"] = lazy("Point to up to %(most)s different diagnoses", most=MOST_POINTERS)
    elif nowhere := [one for one in line.pointers if not 1 <= one <= diagnoses]:
        letter = POINTERS[nowhere[0] - 1] if 1 <= nowhere[0] <= len(POINTERS) else "?"
        wrong["pointers"] = lazy("There is no diagnosis %(letter)s to point to", letter=letter)
    return wrong
