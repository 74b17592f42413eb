"""The time zones that one can choose, and two clocks side by side."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.language import speaking, zones
from portal.language.zones import differ, own_time, with_own_time

EAST, WEST = "America/New_York", "America/Los_Angeles"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


@pytest.mark.parametrize("spoken", ["en", "es"])
def test_each_zone_stands_once_in_words_and_works(spoken):
    found = zones.groups(spoken)
    names = [zone for _, options in found for zone, _ in options]
    assert set(names) == zones.NAMES and len(names) == len(set(names)) > 380
    for zone in names:
        ZoneInfo(zone)
        assert zones.is_known(zone)
    for title, options in found:
        words = [words for _, words in options]
        assert title and len(words) == len(set(words)) and all("_" not in one and "/" not in one for one in words)
    assert not any(zones.is_known(zone) for zone in ("", "UTC", "Etc/GMT+5", "Mars/Olympus", "../../etc/passwd"))


@pytest.mark.parametrize(
    ("spoken", "words", "placed", "title"),
    [
        ("en", "Eastern Time (New York)", "Mexico City, Mexico", "United States"),
        ("es", "Hora oriental (Nueva York)", "Ciudad de México, México", "United States"),
    ],
)
def test_those_of_the_country_come_first_by_what_people_call_them(spoken, words, placed, title):
    found = zones.groups(spoken)
    assert found[0][1][0] == (EAST, words)
    assert ("America/Mexico_City", placed) in found[1][1]
    if spoken == "en":
        assert found[0][0] == title
        assert [one for _, one in found[1][1]] == sorted((one for _, one in found[1][1]), key=zones._sorted)


@pytest.mark.parametrize(
    ("moment", "own", "short", "words"),
    [
        ("2026-11-30T14:00", WEST, "6:00 AM", "9 AM, Eastern Time (6:00 AM your time, Pacific Time)"),
        ("2026-11-30T06:00", WEST, "Sun 10:00 PM", "9 AM, Eastern Time (Sunday 10:00 PM your time, Pacific Time)"),
        ("2026-11-30T14:00", "America/Detroit", "", "9 AM"),
        ("2026-11-30T14:00", EAST, "", "9 AM"),
        ("2026-11-30T14:00", "", "", "9 AM"),
        ("2026-11-30T20:00", "Asia/Tokyo", "Tue 5:00 AM", "9 AM, Eastern Time (Tuesday 5:00 AM your time, Japan Time)"),
        ("2026-11-01T05:30", "America/Chicago", "12:30 AM", "9 AM, Eastern Time (12:30 AM your time, Central Time)"),
        ("2026-11-01T06:30", WEST, "Sat 11:30 PM", "9 AM, Eastern Time (Saturday 11:30 PM your time, Pacific Time)"),
    ],
)
def test_ones_own_time_stands_beside_where_the_clocks_differ(moment, own, short, words):
    assert plain(own_time(utc(moment), EAST, own)) == short
    assert plain(with_own_time("9 AM", utc(moment), EAST, own)) == words


def test_what_counts_is_the_clock_at_that_moment_and_not_the_name():
    """Arizona keeps its time when Denver changes: they agree in winter only, and are both Mountain Time."""
    denver, phoenix = "America/Denver", "America/Phoenix"
    assert not differ(utc("2026-12-01T16:00"), denver, phoenix) and differ(utc("2026-07-01T16:00"), denver, phoenix)
    assert plain(with_own_time("10:00 AM", utc("2026-07-01T16:00"), denver, phoenix)) == (
        "10:00 AM, Mountain Time (9:00 AM your time, Mountain Time (Phoenix))"
    )


def test_a_place_without_a_word_of_its_own_is_not_told_in_summer_time():
    with speaking("es"):
        assert zones.named("Asia/Kathmandu") == "hora de Nepal (Kathmandu)"
