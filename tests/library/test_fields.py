"""The list of fields says the same when it is read back, and nothing that does not hold is written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.library import fields
from portal.library.fields import CHOSEN, By, Field, Kind, Option, Place, Unreadable

SIGNS = st.characters(blacklist_categories=("Cs", "Cc"))
words = st.text(SIGNS, min_size=1, max_size=60).map(str.strip).filter(bool)
number = st.floats(-2000, 2000, allow_nan=False).map(lambda value: round(value, 2))


@st.composite
def a_field(draw: st.DrawFn, name: str, page: int) -> Field:
    kind = draw(st.sampled_from(Kind))
    values = draw(st.lists(words, min_size=1, max_size=1 if kind == Kind.CHECK else 5, unique=True))
    options = tuple(Option(value, draw(words)) for value in values) if kind in CHOSEN else ()
    is_ticked = kind in (Kind.CHECK, Kind.RADIO)
    places = []
    for _ in range(draw(st.integers(1, 3))):
        across, along = sorted([draw(number), draw(number)]), sorted([draw(number), draw(number)])
        box = (across[0], along[0], across[1], along[1])
        places.append(Place(page, box, draw(st.sampled_from(values)) if is_ticked else ""))
    by = draw(st.sampled_from(By))
    most = draw(st.integers(0, 500)) if kind in (Kind.TEXT, Kind.MULTILINE) else 0
    return Field(
        name, kind, draw(words), tuple(places), help=draw(st.text(SIGNS, max_size=60)), by=by,
        required=by == By.CLIENT and draw(st.booleans()), options=options, most=most,
        comb=kind == Kind.TEXT and most > 0 and draw(st.booleans()), many=kind == Kind.LIST and draw(st.booleans()),
        open=kind == Kind.CHOICE and draw(st.booleans()),
    )  # fmt: skip


@st.composite
def lists(draw: st.DrawFn) -> list[Field]:
    names = draw(st.lists(words, max_size=8, unique=True))
    pages = sorted(draw(st.integers(1, 4)) for _ in names)
    return [draw(a_field(name, page)) for name, page in zip(names, pages, strict=True)]


@given(lists())
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_equal(found):
    told = fields.written(found)
    assert fields.read(told) == found and fields.read(json.loads(told)) == found


@given(lists(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_move_is_taken_back_by_its_opposite_and_leaves_no_page(found, data):
    place, by = data.draw(st.integers(0, 9)), data.draw(st.sampled_from([-1, 1]))
    moved = fields.moved(found, place, by)
    fields.must_hold(moved)
    assert sorted(one.name for one in moved) == sorted(one.name for one in found)
    assert moved == found or fields.moved(moved, place + by, -by) == found


@given(lists())
@settings(max_examples=60, deadline=None)
def test_the_same_paper_again_keeps_all_that_was_reviewed(found):
    asread = [replace(one, label="As read", help="", by=By.CLIENT, required=False) for one in reversed(found)]
    asread.sort(key=lambda one: one.page)
    assert fields.carried(found, asread) == found


LINE = Field("a", Kind.TEXT, "Name", (Place(1, (0.0, 0.0, 9.0, 9.0)),))
TICK = replace(LINE, kind=Kind.CHECK, options=(Option("Yes", "Yes"),), places=(Place(1, (0.0, 0.0, 9.0, 9.0), "Yes"),))


@pytest.mark.parametrize(
    "wrong",
    [
        [LINE, LINE],
        [replace(LINE, name="b", places=(Place(2, (0.0, 0.0, 9.0, 9.0)),)), LINE],
        [replace(LINE, name="")],
        [replace(LINE, label="")],
        [replace(LINE, label=" x")],
        [replace(LINE, label="x" * 201)],
        [replace(LINE, help="x" * 301)],
        [replace(LINE, required=True, by=By.PRACTICE)],
        [replace(LINE, options=(Option("a", "b"),))],
        [replace(LINE, kind=Kind.CHOICE)],
        [replace(LINE, places=())],
        [replace(LINE, places=(Place(0, (0.0, 0.0, 9.0, 9.0)),))],
        [replace(LINE, places=(Place(1, (9.0, 0.0, 0.0, 9.0)),))],
        [replace(LINE, places=(Place(1, (0.0, 0.0, float("nan"), 9.0)),))],
        [replace(LINE, comb=True)],
        [replace(LINE, many=True)],
        [replace(LINE, open=True)],
        [replace(LINE, label="a\0b")],
        [replace(TICK, places=(Place(1, (0.0, 0.0, 9.0, 9.0), "No"),))],
        [replace(TICK, options=(Option("Yes", "Yes"), Option("No", "No")))],
        [replace(LINE, name=str(number)) for number in range(401)],
    ],
)
def test_what_does_not_hold_is_not_written(wrong):
    with pytest.raises(Unreadable):
        fields.written(wrong)


@pytest.mark.parametrize("told", ["", "{}", "[1]", '[{"name": "a"}]', '[{"name": 1, "kind": "text"}]', "[\ud800]"])
def test_what_is_no_list_of_fields_is_not_read(told):
    with pytest.raises(Unreadable):
        fields.read(told)


def test_words_and_order_stay_with_their_names_and_what_is_new_keeps_its_place():
    def named(*names: str) -> list[Field]:
        return [replace(LINE, name=name, label=name.upper()) for name in names]

    reviewed = [replace(one, label=f"{one.name} reviewed", required=True) for one in named("c", "a", "b")]
    again = fields.carried(reviewed, named("a", "new", "b", "c"))
    assert [(one.name, one.label) for one in again] == [
        ("c", "c reviewed"), ("new", "NEW"), ("a", "a reviewed"), ("b", "b reviewed")
    ]  # fmt: skip


def test_what_became_another_kind_of_field_is_looked_over_anew():
    (found,) = fields.carried([replace(LINE, label="Old", required=True)], [TICK])
    assert found == TICK
    (found,) = fields.carried([replace(LINE, kind=Kind.SIGNATURE, label="Sign")], [LINE])
    assert (found.kind, found.label) == (Kind.SIGNATURE, "Sign")
