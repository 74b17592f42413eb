"""`portal practice`: what an administrator sets, reads and chooses from the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.tasks.commands import portal

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """On an embedded database of its own."""
    data: Path = tmp_path_factory.mktemp("practice")

    def command(*words: str) -> "CompletedProcess[str]":
        return portal(data, "practice", *words)

    return command


def told(done: "CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_facts_and_settings_are_set_together_and_listed(run):
    changed = told(run("set", "name=Harbor Lane", "information.demographics=at_once"))
    assert changed == "Changed: information.demographics, name.\n"
    listed = {one["name"]: one for one in json.loads(told(run("settings", "--json")))}
    assert listed["information.demographics"]["value"] == "at_once"
    assert listed["information.demographics"]["choices"] == ["review", "at_once", "read_only"]
    assert listed["information.insurance"] == {
        "name": "information.insurance",
        "value": "review",
        "choices": ["review", "read_only"],
    }
    assert "information.demographics=at_once  (review, at_once, read_only)\n" in told(run("settings"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("information.insurance=at_once", "information.insurance: choose one of review, read_only"),
        ("information.nothing=review", "unknown: information.nothing"),
        ("nothing=1", "unknown: nothing"),
        ("tax_id=1", "An EIN has nine digits, such as 52-1234567: check it"),
        ("npi=1234567890", "This is not an NPI: check its ten digits"),
    ],
)
def test_what_cannot_be_set_says_what_can_be(run, word, said):
    done = run("set", word)
    assert done.returncode == 1 and said in done.stderr


def test_what_papers_need_of_the_practice_is_set_too(run):
    words = ("legal_name=Harbor Lane Counseling, LLC", "tax_id=521234567", "npi=1234567893", "state=md")
    assert told(run("set", *words)) == "Changed: legal_name, npi, state, tax_id.\n"


def test_who_is_told_of_what_is_listed_and_chosen(run):
    assert "letter.failed=front_desk,daily\n" in told(run("notices"))
    assert "letter.failed=administrator,daily\n" in told(run("notices", "letter.failed=administrator,daily"))
    (one,) = [one for one in json.loads(told(run("notices", "--json"))) if one["kind"] == "letter.failed"]
    assert (one["who"], one["when"], one["when_choices"]) == ("administrator", "daily", ["daily"])


@pytest.mark.parametrize("word", ["letter.failed=administrator,at_once", "letter.failed=biller,daily", "letter.failed"])
def test_a_rule_that_cannot_be_is_refused(run, word):
    done = run("notices", word)
    assert done.returncode == 1 and "Choose" in done.stderr


def test_a_kind_that_nobody_declared_is_unknown(run):
    done = run("notices", "tea.asked=nobody,daily")
    assert done.returncode == 1 and "unknown: tea.asked" in done.stderr and "letter.failed" in done.stderr


def test_offices_are_added_changed_and_listed(run):
    told(run("office", "name=Annapolis", "city=Annapolis"))
    told(run("office", "name=Easton", "time_zone=America/Chicago"))
    told(run("office", "city=Parole", "--id", "1"))
    found = json.loads(told(run("offices", "--json")))
    assert [(one["name"], one["city"], one["time_zone"]) for one in found] == [
        ("Annapolis", "Parole", ""),
        ("Easton", "", "America/Chicago"),
    ]
    assert "2  Easton  America/Chicago" in told(run("offices"))
