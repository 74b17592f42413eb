"""What an encounter must be, and which fields its form gives back, whoever brings it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.encounters import coding, rules
from portal.encounters.drafts import DiagnosisDraft, EncounterDraft, LineDraft
from portal.refusal import Refused
from portal.web.form import Form, Reader

LINE = LineDraft("H0004", "Counseling", 4, 3750)
DRAFT = EncounterDraft(1, 1, 1, clock.now() - timedelta(days=1), "America/New_York", (LINE,))


def wrong(**changes: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        rules.check(replace(DRAFT, **changes), clock.now())
    return list(caught.value.sentences)


def test_one_service_is_enough():
    rules.check(DRAFT, clock.now())


def test_more_than_there_is_room_for_is_refused():
    assert wrong(lines=(LINE,) * 13) == [""]
    seen = tuple(DiagnosisDraft(f"F{one}", "x") for one in range(13))
    assert wrong(diagnoses=seen) == ["diagnosis1"]


@pytest.mark.parametrize(("units", "fee"), [(1, 100_000_000), (999, 100_101), (2, 50_000_000), (1, -1)])
def test_a_charge_above_the_most_is_refused(units, fee):
    assert wrong(lines=(replace(LINE, units=units, fee=fee),)) == ["line1.fee"]


def test_the_most_that_there_is_passes():
    rules.check(replace(DRAFT, lines=(replace(LINE, units=1, fee=99_999_999),)), clock.now())


def test_a_pointer_to_nothing_is_refused_with_its_letter():
    with pytest.raises(Refused) as caught:
        rules.check(replace(DRAFT, lines=(LINE, replace(LINE, pointers=(2,)))), clock.now())
    assert str(caught.value.sentences["line2.pointers"]) == "There is no diagnosis B to point to"


@pytest.mark.parametrize(
    ("name", "rows", "shown"),
    [
        ("line1.units", [3], "line3.units"), ("line2.fee", [1, 12], "line12.fee"), ("line1.code", [], "line1.code"),
        ("date", [3], "date"), ("", [3], ""), ("diagnosis1", [3], "diagnosis1"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_service_is_said_beside_its_row(name, rows, shown):
    assert coding.shown(name, rows) == shown


@pytest.mark.parametrize(
    ("typed", "places"),
    [("", (1,)), ("A", (1,)), ("c a", (2, 1)), ("A,C", (1, 2)), ("AC", (1, 2)), (" ", (1,))],
)
def test_letters_are_of_rows_and_places_of_diagnoses(typed, places):
    reader = Reader(Form({"line1.pointers": [typed]}))
    assert coding.pointers(reader, 1, [1, 3]) == places and reader.sentences == {}


def test_without_a_diagnosis_there_is_nothing_to_point_to():
    assert coding.pointers(Reader(Form()), 1, []) == ()
