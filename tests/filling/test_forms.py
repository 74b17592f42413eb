"""What is typed into a form's inputs, and which answers become of it."""

import pytest

from portal.filling import forms, known
from portal.filling.queries.filled import Question
from portal.library.fields import Kind, Option
from portal.web.form import Form
from tests.filling.steps import EVERYTHING, HOW, asks

QUESTIONS = [Question(place, one) for place, one in enumerate(EVERYTHING) if one.is_asked]


def read(one, **typed):
    """Of one question, at place 0."""
    told = {name.replace("q", "q-0", 1): value if isinstance(value, list) else [value] for name, value in typed.items()}
    given, wrong = forms.read(Form(told), [Question(0, one)])
    return {name: str(sentence) for name, sentence in wrong.items()} or given[one.name]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Zoë   Núñez-Åström ", ["Zoë Núñez-Åström"]),
        ("李小龍 山田", ["李小龍 山田"]),
        ("محمد علي", ["محمد علي"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # joiners belong to the letters
        ("Zoe\u0308", ["Zoë"]),  # counted and drawn as one letter
        ("one\ntwo\tthree\x07", ["one two three"]),
        ("\u202eevil", ["evil"]),
        (" \n ", []),
        ("x" * 500, ["x" * 500]),
    ],
)
def test_a_line_keeps_every_alphabet_and_nothing_that_cannot_be_printed(typed, kept):
    assert read(asks("a", Kind.TEXT, "Name"), q=typed) == kept


def test_several_lines_stay_several():
    told = read(asks("a", Kind.MULTILINE, "Story"), q="\n  First\n\n\n\n  - second  \n")
    assert told == ["First\n\n  - second"]


@pytest.mark.parametrize(
    ("one", "typed"),
    [
        (asks("a", Kind.TEXT, "Name"), "x" * 501),
        (asks("a", Kind.TEXT, "Name", most=7, comb=True), "12345678"),
        (asks("a", Kind.MULTILINE, "Name"), "x " * 4000 + "x"),
        (asks("a", Kind.MULTILINE, "Name", most=20), "x" * 21),
    ],
)
def test_what_does_not_fit_is_said_with_its_name(one, typed):
    limit = one.most or (8000 if one.kind == Kind.MULTILINE else 500)
    assert read(one, q=typed[:limit]) == [typed[:limit].rstrip()]
    assert read(one, q=typed) == {"q-0": f"Use {limit} characters or fewer: Name"}


@pytest.mark.parametrize(
    ("month", "day", "year", "told"),
    [
        ("4", "17", "1991", ["1991-04-17"]),
        ("02", "29", "2024", ["2024-02-29"]),
        ("", " ", "", []),
        ("4", "17", "", {"q-0": "Enter the whole date: Born"}),
        ("2", "30", "1991", {"q-0": "Check the date, with the year in four digits: Born"}),
        ("4", "17", "91", {"q-0": "Check the date, with the year in four digits: Born"}),
        ("April", "17", "1991", {"q-0": "Check the date, with the year in four digits: Born"}),
    ],
)
def test_a_date_is_one_of_the_calendar_or_none(month, day, year, told):
    assert read(asks("a", Kind.DATE, "Born"), q_month=month, q_day=day, q_year=year) == told


@pytest.mark.parametrize("kind", [Kind.CHOICE, Kind.RADIO, Kind.LIST])
def test_of_a_list_only_what_stands_there_is_chosen(kind):
    one = asks("a", kind, "How", options=HOW)
    assert read(one, q="2 By mail") == ["m"]
    assert read(one, q="") == [] and read(one) == []
    for wrong in ("m", "0 x", "4 x", "-1 x", "9999 x", "² x"):
        assert read(one, q=wrong) == {"q-0": "Choose from the list: How"}
    assert read(one, q=["1 By phone", "2 By mail"]) == ["m"]  # of one choice, one


def test_of_a_list_of_many_as_many_as_were_ticked_in_their_order_and_once():
    one = asks("a", Kind.LIST, "How", options=HOW, many=True)
    assert read(one, q=["3 x", "1 x", "3 x"]) == ["n", "p"]


def test_other_words_stand_in_the_place_of_what_is_chosen():
    one = asks("a", Kind.CHOICE, "Pharmacy", options=HOW, open=True)
    assert read(one, q="1 By phone", q_other="") == ["p"]
    assert read(one, q="1 By phone", q_other=" Old Town ") == ["Old Town"]
    assert list(read(one, q_other="x" * 501)) == ["q-0_other"]
    closed = asks("a", Kind.CHOICE, "Pharmacy", options=HOW)
    assert read(closed, q="1 By phone", q_other="Old Town") == ["p"]


def test_a_tick_is_its_state_or_nothing():
    one = asks("a", Kind.CHECK, "I agree", options=(Option("On", "Yes"),))
    assert read(one, q="1 Yes") == ["On"] and read(one) == []


GIVEN = {
    "full_name": ["Maya"], "born": ["1991-04-17"], "plate": ["ABC"], "story": ["One\n\ntwo"], "reach": ["n"],
    "pharmacy": ["Old Town"], "days": ["1", "2"], "voice": ["m"], "agrees": ["Yes"],
}  # fmt: skip


@pytest.mark.parametrize("given", [GIVEN, {}, {"pharmacy": ["p"], "days": ["2"]}])
def test_what_was_answered_opens_as_it_is_read_back(given):
    told, wrong = forms.read(forms.opened(QUESTIONS, given), QUESTIONS)
    assert {name: values for name, values in told.items() if values} == given and not wrong


def test_a_page_says_what_it_knows_of_each_answer():
    told = known.read(Form.of(known=known.marks(QUESTIONS, GIVEN)), QUESTIONS)
    other = known.read(Form.of(known=known.marks(QUESTIONS, {**GIVEN, "plate": ["XYZ"]})), QUESTIONS)
    assert set(told) == set(GIVEN) and {name for name in told if told[name] != other[name]} == {"plate"}
    assert known.read(Form.of(known="nonsense 1 :2 99:x"), QUESTIONS) == {}
