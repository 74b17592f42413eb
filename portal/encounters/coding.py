"""Diagnoses and services as rows of a form: read, with every fault beside its field."""

import re
from collections.abc import Mapping, Sequence

from portal import money
from portal.encounters import rules
from portal.encounters.drafts import POINTERS, DiagnosisDraft, LineDraft
from portal.fees import icd10cm
from portal.fees.queries import Priced
from portal.language import lazy
from portal.web.form import Form, Reader

PARTS = ("code", "modifiers", "units", "fee", "pointers")
# Units and a pointer stand in a row before anybody has typed.
SAYING = ("code", "modifiers", "fee")
ROWS = range(1, rules.MOST_LINES + 1)


def codes(form: Form) -> dict[int, str]:
    """Row → diagnosis as it will stand."""
    typed = {row: form[f"diagnosis{row}"] for row in range(1, len(POINTERS) + 1)}
    return {row: icd10cm.as_written(text) for row, text in typed.items() if text.strip()}


def meant(form: Form) -> list[int]:
    """The rows of services that say something."""
    return [row for row in ROWS if any(form[f"line{row}.{part}"].strip() for part in SAYING)]


def diagnoses(reader: Reader, known: Mapping[str, str]) -> dict[int, DiagnosisDraft]:
    """By row: A is the first one, whatever stands in it."""
    found: dict[int, DiagnosisDraft] = {}
    for row, code in codes(reader.form).items():
        words = known.get(code, "")
        if not words:
            unknown = lazy("This code is not known. Look it up below, or add it to your own codes.")
            reader.refuse(f"diagnosis{row}", unknown)
        elif code in {one.code for one in found.values()}:
            reader.refuse(f"diagnosis{row}", lazy("This diagnosis stands here twice"))
        found[row] = DiagnosisDraft(code[:8], words)
    return found


def line(
    reader: Reader,
    row: int,
    seen: Sequence[int],
    services: Mapping[str, Priced],
    kept: Mapping[str, tuple[str, str]],
) -> LineDraft:
    """`seen` are the rows of the diagnoses, in order; `kept` what codes were called when they were recorded."""
    name = f"line{row}"
    code = reader.form[f"{name}.code"].strip().upper()
    found = services.get(code)
    words, words_es = (found.words, found.words_es) if found else kept.get(code, ("", ""))
    return LineDraft(
        code=code[:20],
        words=words,
        words_es=words_es,
        units=_units(reader.form[f"{name}.units"]),
        fee=_fee(reader, f"{name}.fee", found) if words else 1,
        modifiers=_modifiers(reader.form[f"{name}.modifiers"]),
        pointers=_pointers(reader, f"{name}.pointers", seen),
    )


def shown(name: str, rows: Sequence[int]) -> str:
    """The rules count the services that there are; the form has rows between them that say nothing."""
    place, _, part = name.removeprefix("line").partition(".")
    if not name.startswith("line") or not place.isdecimal() or not 0 < int(place) <= len(rows):
        return name
    return f"line{rows[int(place) - 1]}.{part}"


def modifiers(reader: Reader, row: int) -> tuple[str, ...]:
    return _modifiers(reader.form[f"line{row}.modifiers"])


def pointers(reader: Reader, row: int, seen: Sequence[int]) -> tuple[int, ...]:
    return _pointers(reader, f"line{row}.pointers", seen)


def _units(typed: str) -> int:
    text = typed.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _fee(reader: Reader, name: str, found: Priced | None) -> int:
    """Empty is the fee of that day."""
    text = reader.form[name].strip()
    if not text and found and found.cents:
        return found.cents
    try:
        return money.read(text)
    except OverflowError:
        reader.refuse(name, lazy("That is too much for one service. Check the units and the fee."))
    except ValueError:
        none_yet = lazy("The fee schedule has no fee for that day: enter one")
        reader.refuse(name, lazy("Enter an amount such as 150.00") if text else none_yet)
    return 1


def _modifiers(typed: str) -> tuple[str, ...]:
    return tuple(one[:9] for one in re.split(r"[\s,;]+", typed.upper()) if one)


def _pointers(reader: Reader, name: str, seen: Sequence[int]) -> tuple[int, ...]:
    """Letters of rows as places of diagnoses; where there is none, the first one is meant."""
    letters = re.sub(r"[\s,;]+", "", reader.form[name].upper())
    if not letters:
        return (1,) if seen else ()
    found = []
    for letter in letters:
        row = POINTERS.find(letter) + 1
        if not row:
            reader.refuse(name, lazy("Point with letters of the diagnoses, such as A or AB"))
        elif row not in seen:
            reader.refuse(name, lazy("There is no diagnosis %(letter)s to point to", letter=letter))
        else:
            found.append(seen.index(row) + 1)
    return tuple(found)
