"""The clock of business days: 45 CFR 149.610(b)(1)(vi), against a calendar on the wall."""

from datetime import date, timedelta

import pytest

from portal.estimates import rules
from portal.estimates.rules import Planned, Scope

# As the Office of Personnel Management publishes them.
PUBLISHED = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("year", PUBLISHED)
def test_federal_holidays_are_those_that_are_published(year):
    assert sorted(f"{one:%m-%d}" for one in rules.holidays(year)) == PUBLISHED[year].split()


def test_juneteenth_was_no_holiday_before_it_was_one():
    assert date(2020, 6, 19) not in rules.holidays(2020)


def test_new_year_on_a_saturday_is_kept_on_the_last_day_of_the_old_year():
    assert not rules.is_business_day(date(2027, 12, 31)) and rules.is_business_day(date(2028, 1, 3))


@pytest.mark.parametrize(
    ("scheduled", "service", "due"),
    [
        # Monday for Thursday is three business days ahead, for Wednesday it is two.
        ("2022-01-03", "2022-01-06", "2022-01-04"),
        ("2022-01-03", "2022-01-05", None),
        ("2022-01-03", "2022-01-03", None),
        # Ten business days back from Tuesday, January 18: the 17th is Martin Luther King's.
        ("2022-01-03", "2022-01-18", "2022-01-06"),
        ("2022-01-04", "2022-01-18", "2022-01-05"),
        # The clock of a Friday goes on on Monday.
        ("2026-12-04", "2026-12-09", "2026-12-07"),
        # A weekend at the beginning does not count, nor one at the end.
        ("2026-12-05", "2026-12-10", "2026-12-07"),
        ("2026-12-06", "2026-12-09", None),
        ("2026-12-09", "2026-12-12", "2026-12-10"),
        ("2026-12-10", "2026-12-12", None),
        # Thanksgiving, and the day after it, which is no federal holiday.
        ("2026-11-25", "2026-12-01", "2026-11-27"),
        ("2026-11-24", "2026-11-30", "2026-11-25"),
        ("2026-11-25", "2026-11-30", None),
        # Booked on the last Wednesday for the year after: Christmas and New Year lie between.
        ("2026-12-23", "2027-01-08", "2026-12-29"),
        ("2026-12-24", "2027-01-08", "2026-12-28"),
    ],
)
def test_an_estimate_is_due_by_how_far_ahead_it_was_booked(scheduled, service, due):
    found = rules.due_when_scheduled(day(scheduled), day(service))
    assert (found.isoformat() if found else None) == due


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-30", "2026-12-03"),
        ("2026-11-25", "2026-12-01"),
        ("2026-12-04", "2026-12-09"),
        ("2026-12-05", "2026-12-09"),
        ("2026-07-01", "2026-07-07"),
    ],
)
def test_what_is_asked_for_is_due_in_three_business_days(asked, due):
    assert rules.due_when_asked(day(asked)).isoformat() == due


def test_it_is_never_due_on_a_day_that_is_no_business_day_and_more_notice_never_makes_it_earlier():
    for start in range(800):
        asked = date(2026, 1, 1) + timedelta(days=start)
        assert rules.is_business_day(rules.due_when_asked(asked))
        found = [rules.due_when_scheduled(asked, asked + timedelta(days=many)) for many in range(40)]
        known = [one for one in found if one]
        assert known == sorted(known) and all(map(rules.is_business_day, known))
        assert set(known) == {rules.after(asked, 1), rules.after(asked, 3)} and found[:3] == [None] * 3


def test_twelve_months_end_the_day_before_their_own():
    assert rules.latest_end(date(2026, 11, 30)) == date(2027, 11, 29)
    assert rules.latest_end(date(2028, 2, 29)) == date(2029, 2, 28)


# What an estimate covers ---------------------------------------------------------------------------------------------

MONDAY = date(2026, 12, 7)


def visits(*days: int, clinician: int = 1, **more) -> list[Planned]:
    return [
        Planned(at + 1, clinician, MONDAY + timedelta(days=one), date(2026, 11, 2), group=at + 1, **more)
        for at, one in enumerate(days)
    ]


def scope(visits: int, *, appointment: int | None = None, last: int = 365, clinician: int = 1) -> Scope:
    return Scope(frozenset({clinician}), MONDAY, MONDAY + timedelta(days=last), visits, appointment)


def left(planned: list[Planned], *scopes: Scope) -> list[int]:
    return [one.id for one in rules.uncovered(planned, scopes)]


def test_so_many_visits_are_covered_as_come_within_its_days():
    assert left(visits(0, 7, 14, 21), scope(3)) == [4]
    assert left(visits(0, 7, 14, 21), scope(9, last=14)) == [4]
    assert left(visits(0, 7, 14, 21), scope(1), scope(2)) == [4]


def test_only_with_the_clinician_who_stands_on_it():
    assert left(visits(0), scope(3, clinician=2)) == [1]


def test_a_visit_that_it_names_is_covered_wherever_it_moves_but_not_with_somebody_else():
    named = scope(1, appointment=1, last=0)
    assert left(visits(30), named) == []
    assert left(visits(30, clinician=2), named) == [1]


def test_a_visit_that_it_names_takes_its_place_before_those_that_only_fit():
    assert left(visits(0, 7), scope(1, appointment=2)) == [1]


def test_of_a_series_the_earliest_day_counts_and_what_is_insured_or_over_is_not_owed():
    near, far = visits(0, 40)
    together = [Planned(**{**vars(one), "group": 5}) for one in (far, near)]
    assert rules.duties(together, []).due == {5: date(2026, 11, 5)}
    assert rules.duties(visits(0, is_insured=True), []).due == {}
    over = rules.duties(visits(0, is_ahead=False), [])
    assert over.due == {} and over.missed == {1}


@pytest.mark.parametrize(("billed", "is_far"), [(55_000, True), (54_999, False), (15_000, False)])
def test_four_hundred_dollars_above_is_far_above(billed, is_far):
    assert rules.is_far_above(billed, 15_000) == is_far
