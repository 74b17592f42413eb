"""What happens by the clock: everything in its time, and nothing held up by what fails."""

import json
import logging

import pytest

from portal.log import Lines
from tasks import schedule


class Clock:
    """Works that are counted, at hours the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.failing: set[str] = set()
        self.now = 1000.0
        monkeypatch.setattr(schedule, "_due", {})
        monkeypatch.setattr(schedule, "monotonic", lambda: self.now)
        times = (("nightly", schedule.DAILY), ("often", schedule.OFTEN), ("each_minute", schedule.MINUTELY))
        monkeypatch.setattr(schedule, "WORK", {name: (every, self.work(name)) for name, every in times})

    def work(self, name: str):
        async def done() -> None:
            self.done.append(name)
            if name in self.failing:
                raise ValueError("what Maya wrote")

        return done

    async def after(self, seconds: float) -> list[str]:
        self.now += seconds
        self.done.clear()
        await schedule.by_the_clock()
        return list(self.done)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


async def test_everything_is_done_at_the_start_and_then_each_in_its_time(clock):
    assert await clock.after(0) == ["nightly", "often", "each_minute"]
    assert await clock.after(59) == []
    assert await clock.after(1) == ["each_minute"]
    assert await clock.after(240) == ["often", "each_minute"]
    assert await clock.after(schedule.DAILY) == ["nightly", "often", "each_minute"]


async def test_what_fails_holds_up_nothing_that_comes_after_it(clock):
    clock.failing = {"nightly", "often"}
    assert await clock.after(0) == ["nightly", "often", "each_minute"]
    assert await clock.after(60) == ["each_minute"]
    clock.failing = set()
    assert await clock.after(240) == ["nightly", "often", "each_minute"]
    assert await clock.after(300) == ["often", "each_minute"]


async def test_the_log_names_what_failed_and_repeats_none_of_its_words(clock, caplog):
    clock.failing = {"nightly"}
    await clock.after(0)
    (record,) = (one for one in caplog.records if one.levelno == logging.ERROR)
    line = json.loads(Lines().format(record))
    assert (line["event"], line["kind"]) == ("nightly failed", "ValueError")
    assert "Maya" not in json.dumps(line)


async def test_every_work_that_stands_in_the_schedule_can_be_done(db, monkeypatch, caplog):
    monkeypatch.setattr(schedule, "_due", {})
    works = {name: one for name, one in schedule.WORK.items() if name != "clear_store"}  # other tests' files lie there
    monkeypatch.setattr(schedule, "WORK", works)
    await schedule.by_the_clock()
    assert set(schedule._due) == set(works) and not [one for one in caplog.records if one.levelno == logging.ERROR]
