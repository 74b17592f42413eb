"""`portal import-fhir` as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from portal.clients.tables import Client
from tests.exchange.samples import LICENCE, PASSPORT, SSN, coverage, patient, practitioner, secret_identifiers, write

ROOT = Path(__file__).parents[2]


def portal(dsn: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.cli", "import-fhir", *map(str, words)]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATABASE_URL": dsn}, capture_output=True, text=True, timeout=120
    )


async def test_it_says_what_it_did_and_progress_goes_beside(db: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", patient(), practitioner("0"), {"resourceType": "Observation", "id": "o"})
    where = f"{file}, entry 2 (Practitioner)"
    done = portal(db, file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "              created  updated  unchanged  skipped",
        "Practitioner        1        0          0        0",
        "Patient             1        0          0        0",
        "",
        "Not imported: 1 Observation.",
        "",
        "        where".ljust(len(where) + 10) + "what",
        f"notice  {where}  the NPI is none that is given out: it serves to find the practitioner again",
        "",
        "Imported.",
    ]
    assert f"reading {file} …" in done.stderr
    assert await Client.count() == 1
    assert "Patient             0        0          1        0" in portal(db, file).stdout


async def test_a_dry_run_keeps_nothing(db: str, tmp_path: Path) -> None:
    done = portal(db, "--dry-run", write(tmp_path / "a.json", patient()))
    assert done.returncode == 0
    assert done.stdout.endswith("A dry run: nothing was kept.\n")
    assert await Client.count() == 0


async def test_of_a_file_without_anything_to_take_it_says_so_and_why(db: str, tmp_path: Path) -> None:
    done = portal(db, write(tmp_path / "a.json", *({"resourceType": one, "id": "o"} for one in ("Visit", "Account"))))
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == (
        "Nothing in it to import: the portal does not take Account, Visit."
        " It takes Organization, Location, Practitioner, Patient, RelatedPerson, Coverage,"
        " Appointment, Encounter, Slot, Claim, ChargeItem, Invoice, ExplanationOfBenefit."
    )
    assert json.loads(portal(db, "--json", write(tmp_path / "b.json")).stdout)["outcome"] == (
        "Nothing in it to import: there are no resources in it."
    )


async def test_where_all_of_it_was_left_out_it_does_not_say_imported(db: str, tmp_path: Path) -> None:
    done = portal(db, write(tmp_path / "a.json", coverage("Patient/gone")))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "Nothing was imported: all of it was left out."


async def test_errors_are_a_table_and_exit_code_1(db: str, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.json", patient("M-2", birthDate="1987-02"))
    done = portal(db, write(tmp_path / "a.json", patient()), bad, tmp_path)
    assert done.returncode == 1
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    incomplete = "the birth date is incomplete: the chart needs the full date before portal access"
    assert f"error {bad}, Patient {incomplete}" in lines
    assert f"error {tmp_path} is a folder: name the files in it" in lines
    assert lines[-1] == "Nothing was imported: mend the errors and run it again."
    assert await Client.count() == 0


async def test_json_is_for_machines(db: str, tmp_path: Path) -> None:
    done = portal(db, "--json", write(tmp_path / "a.json", patient(), coverage("Patient/gone")))
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["imported"], told["dry_run"]) == (True, False)
    assert told["types"]["Patient"] == {"created": 1, "updated": 0, "unchanged": 0, "skipped": 0}
    (finding,) = told["findings"]
    assert (finding["severity"], finding["entry"]) == ("problem", "entry 2 (Coverage)")
    assert finding["sentence"] == "beneficiary points to Patient/gone, which is in none of these files: left out"


async def test_secret_numbers_are_not_printed(db: str, tmp_path: Path) -> None:
    known_by_nothing_else = write(tmp_path / "a.json", patient(identifier=secret_identifiers()))
    done = portal(db, known_by_nothing_else)
    assert done.returncode == 1
    assert "has no identifier that may be kept" in done.stdout
    assert not any(secret in done.stdout + done.stderr for secret in (SSN, LICENCE, PASSPORT))


async def test_without_a_file_it_says_how_it_is_used(db: str) -> None:
    done = portal(db)
    assert done.returncode == 2
    assert "FILE" in done.stderr
