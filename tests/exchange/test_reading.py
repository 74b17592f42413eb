"""From files to resources: what is read, and what a bad file is told."""

import json
import os
from pathlib import Path

import pytest

from portal.exchange import reading
from portal.exchange.reading import Found, read
from portal.exchange.report import Report
from tests.exchange.samples import bundle, organization, patient, practitioner, write


def found_in(*paths: Path) -> tuple[list[Found], Report]:
    report = Report()
    return read(paths, report), report


def fault_of(path: Path) -> str:
    found, report = found_in(path)
    assert not found
    (finding,) = report.findings
    assert finding.severity == "error"
    assert finding.place.file == str(path)
    return " ".join(filter(None, (finding.place.entry, finding.sentence)))


@pytest.mark.parametrize("bundle_type", ["collection", "transaction", "searchset", "batch"])
def test_four_types_of_bundle_are_read(tmp_path: Path, bundle_type: str) -> None:
    found, report = found_in(write(tmp_path / "a.json", bundle(patient(), practitioner(), type=bundle_type)))
    assert [one.local for one in found] == ["Patient/p-M-1", "Practitioner/d-1245319599"]
    assert [one.place.entry for one in found] == ["entry 1 (Patient)", "entry 2 (Practitioner)"]
    assert not report.findings


@pytest.mark.parametrize("bundle_type", ["history", "document", "message", "", "transaction-response"])
def test_another_type_of_bundle_is_told_which_ones_are_read(tmp_path: Path, bundle_type: str) -> None:
    assert "only collection, transaction" in fault_of(write(tmp_path / "a.json", bundle(patient(), type=bundle_type)))


def test_a_single_resource_is_read(tmp_path: Path) -> None:
    found, _ = found_in(write(tmp_path / "a.json", patient()))
    assert found[0].place.entry == "Patient"


@pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl", "a.NDJSON"])
def test_ndjson_is_read_line_by_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(patient()) + "\n\n" + json.dumps(organization()) + "\r\n" + json.dumps(practitioner()))
    found, report = found_in(path)
    assert [one.place.entry for one in found] == ["line 1 (Patient)", "line 3 (Organization)", "line 4 (Practitioner)"]
    assert not report.findings


def test_ndjson_is_recognized_whatever_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "export.ndjson", patient(), patient("M-2")).rename(tmp_path / "export.json")
    assert len(found_in(path)[0]) == 2


def test_a_bad_line_names_its_line_and_the_others_are_still_judged(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(
        json.dumps(patient()) + '\n{"resourceType": "Patient",\n' + '{"resourceType": "Patient", "name": 7}\n'
    )
    _, report = found_in(path)
    assert [(one.place.entry, one.sentence) for one in report.findings] == [
        ("line 2", "is not valid JSON: it ends too early"),
        ("line 3 (Patient)", "is not a valid resource: Expected `array`, got `int` - at `$.name`"),
    ]


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.touch()
    os.truncate(path, 200 * 1024 * 1024)
    assert fault_of(path) == "line 1 is longer than 16 MiB: the rest was not read"


def test_a_json_file_of_200_mb_is_told_so_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.touch()
    os.truncate(path, 200 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    assert fault_of(path).startswith("is 200 MiB: a JSON file may have 64. Export it as NDJSON")


def test_a_file_of_nothing_but_faults_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("nonsense\n" * 5000)
    _, report = found_in(path)
    assert len(report.findings) == reading.MOST_FINDINGS + 2
    assert report.findings[-1].sentence == "has more than 200 faults: the rest was not read"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"{", "is not valid JSON: it ends too early"),
        (b'{"resourceType": "Patient"', "is not valid JSON: it ends too early"),
        (b'{\n"resourceType": "Patient",\n}', "is not valid JSON"),
        (b"<Patient/>", "is not valid JSON: invalid character (line 1)"),
        (b"[]", "is not valid JSON: Expected `object`, got `array`"),
        (b'{"hello": "world"}', "is not FHIR: it has no resourceType"),
        (b'{"resourceType": 7}', "is not valid JSON: Expected `str`, got `int`"),
        (b'{"resourceType": "Patient", "x": ' + b"[" * 100_000, "is not valid JSON: it is nested too deep"),
        (b'{"resourceType": "Patient",\n"name": [{"family": "Mej\xeda"}]}', "is not UTF-8 (line 2): save it as UTF-8"),
        ('{"resourceType": "Patient"}'.encode("utf-16"), "is UTF-16, not UTF-8: save it as UTF-8"),
        (b"\x00" * 40, "is not valid JSON: invalid character (line 1)"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": {}}', "is not a valid bundle: Expected `array`"),
    ],
)
def test_a_bad_file_is_told_in_one_line_what_is_wrong(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    assert fault_of(path).startswith(sentence)


def test_what_is_no_file_is_told_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert fault_of(tmp_path) == "is a folder: name the files in it"
    assert fault_of(tmp_path / "missing.json") == "cannot be read: no such file or directory"
    assert fault_of(tmp_path / "pipe") == "is not a file"
    assert fault_of(Path("/dev/zero")) == "is not a file"
    assert fault_of(tmp_path / "loop").startswith("cannot be read: too many levels of symbolic links")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(patient()).encode())
    assert len(found_in(path)[0]) == 1


def test_an_entry_that_is_no_resource_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    whole = bundle(patient(), organization())
    whole["entry"][1:1] = [
        7,
        {"resource": {"resourceType": "Patient", "birthDate": 1990}},
        {"request": {"method": "DELETE"}},
    ]
    found, report = found_in(write(tmp_path / "a.json", whole))
    assert [one.place.entry for one in found] == ["entry 1 (Patient)", "entry 5 (Organization)"]
    assert [(one.place.entry, one.sentence) for one in report.findings] == [
        ("entry 2", "is not a valid entry: Expected `object`, got `int`"),
        ("entry 3 (Patient)", "is not a valid resource: Expected `str`, got `int` - at `$.birthDate`"),
    ]


def test_types_that_are_not_imported_are_counted(tmp_path: Path) -> None:
    others = [{"resourceType": "Observation", "id": str(number)} for number in range(3)]
    _, report = found_in(write(tmp_path / "a.json", *others, {"resourceType": "Evil\u202etype", "id": "x"}))
    assert dict(report.passed_over) == {"Observation": 3, "unknown": 1}


def test_a_search_with_further_pages_is_noticed(tmp_path: Path) -> None:
    page = {**bundle(patient(), type="searchset"), "link": [{"relation": "next", "url": "https://ehr.example/?page=2"}]}
    _, report = found_in(write(tmp_path / "a.json", page))
    assert [one.sentence for one in report.findings] == [
        "is one page of a search that has more: import the other pages too"
    ]


def test_a_file_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.json"
    _, report = found_in(path)
    assert report.findings[0].place.file == str(tmp_path / "a?[31m.json")
