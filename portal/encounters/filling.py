"""The form of an encounter before somebody has typed: from the visit, as last time, as it stands; and its rows."""

from collections.abc import Mapping, Sequence

from portal import money
from portal.appointments.tables import ContactType
from portal.appointments.visit import Visit
from portal.encounters import coding, rules
from portal.encounters.choices import CLIENT
from portal.encounters.drafts import POINTERS, Insured
from portal.encounters.queries.recorded import Recorded
from portal.fees.queries import Priced
from portal.web.form import Form

MEANT = {ContactType.IN_PERSON: "11", ContactType.TELEHEALTH: "10", ContactType.PHONE: "10"}
FEW_DIAGNOSES, FEW_LINES = 2, 1
AS_RECORDED = "recorded"
Typed = dict[str, Sequence[str]]


def of_visit(visit: Visit, insurers: Mapping[str, Insured], *, is_part2: bool) -> Form:
    there = visit.starts_at.astimezone(rules.zone(visit.time_zone))
    return _with_rows(
        {
            "date": [there.date().isoformat()],
            "time": [f"{there:%H:%M}"],
            "clinician": [str(visit.clinician_id)],
            "site": [str(visit.site_id)],
            "place_of_service": [MEANT.get(ContactType(visit.contact_type), "11")],
            "insurer": [next(iter(insurers), CLIENT)],
            "is_part2": ["yes"] if is_part2 else [],
        },
        FEW_DIAGNOSES,
        FEW_LINES,
    )


def as_last(form: Form, last: Recorded, services: Mapping[str, Priced]) -> Form:
    """Codes and units of another visit over what is there. A fee of the schedule is left to the schedule."""
    typed = {name: values for name, values in form.typed.items() if not name.startswith(("line", "diagnosis"))}
    told = {**typed, **_coded(last, services), "is_part2": ["yes"] if last.is_part2 else []}
    return _with_rows(told, len(last.diagnoses), len(last.lines))


def of_recorded(one: Recorded) -> Form:
    """As it stands, fees too."""
    there = one.starts_at.astimezone(rules.zone(one.time_zone))
    return _with_rows(
        {
            "date": [there.date().isoformat()],
            "time": [f"{there:%H:%M}"],
            "clinician": [str(one.clinician_id)],
            "site": [str(one.site_id)],
            "place_of_service": [one.place_of_service],
            "insurer": [AS_RECORDED if one.insured.payer else CLIENT],
            "is_part2": ["yes"] if one.is_part2 else [],
            "version": [str(one.version)],
            **_coded(one, {}),
        },
        max(FEW_DIAGNOSES, len(one.diagnoses)),
        len(one.lines),
    )


def many(form: Form) -> tuple[int, int]:
    """How many rows of diagnoses and of services are shown."""
    seen = max(min(form.number("diagnoses") or FEW_DIAGNOSES, len(POINTERS)), *coding.codes(form), FEW_DIAGNOSES)
    lines = max(min(form.number("lines") or FEW_LINES, rules.MOST_LINES), *coding.meant(form), FEW_LINES)
    return seen, lines


def with_another(form: Form, what: str) -> Form:
    """One row more, if there is room for it."""
    seen, lines = many(form)
    if what == "diagnosis":
        return _with_rows(dict(form.typed), min(seen + 1, len(POINTERS)), lines)
    return _with_rows(dict(form.typed), seen, min(lines + 1, rules.MOST_LINES))


def with_diagnosis(form: Form, code: str) -> Form:
    """In the first row that is empty."""
    taken = coding.codes(form)
    free = next((row for row in range(1, len(POINTERS) + 1) if row not in taken), None)
    if free is None or code in taken.values():
        return Form({**form.typed, "find": []})
    seen, lines = many(form)
    return _with_rows({**form.typed, f"diagnosis{free}": [code], "find": []}, max(seen, free), lines)


def _coded(one: Recorded, services: Mapping[str, Priced]) -> Typed:
    told: Typed = {f"diagnosis{row}": [seen.code] for row, seen in enumerate(one.diagnoses, 1)}
    for row, line in enumerate(one.lines, 1):
        service = services.get(line.code)
        told |= {
            f"line{row}.code": [line.code],
            f"line{row}.modifiers": [" ".join(line.modifiers)],
            f"line{row}.units": [str(line.units)],
            f"line{row}.fee": ["" if service and service.cents == line.fee else money.plain(line.fee)],
            f"line{row}.pointers": [line.letters],
        }
    told |= {"referring_name": [one.referring_name], "referring_npi": [one.referring_npi]}
    return told


def _with_rows(typed: Typed, diagnoses: int, lines: int) -> Form:
    """New rows of services have one unit."""
    units = {f"line{row}.units": ["1"] for row in range(1, lines + 1) if f"line{row}.units" not in typed}
    return Form({**typed, **units, "diagnoses": [str(diagnoses)], "lines": [str(lines)]})
