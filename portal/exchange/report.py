"""What an import did and what it found wrong: a sentence each, with file and place, never with a person's data."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from portal.exchange.documents import IMPORTED


class Severity(StrEnum):
    """After an error nothing is imported; a problem is imported as far as it goes; a notice is for reading."""

    ERROR = "error"
    PROBLEM = "problem"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """`entry` is `entry 3 (Patient)` of a bundle, `line 7 (Patient)` of an NDJSON file, or empty."""

    file: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    place: Place
    sentence: str


@dataclass(slots=True)
class Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0


@dataclass
class Report:
    """`is_done`: the rows stand in the database. `passed_over` counts resources of types that are not imported."""

    is_dry_run: bool = False
    is_done: bool = False
    tallies: dict[str, Tally] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def error(self, place: Place, sentence: str) -> None:
        self.findings.append(Finding(Severity.ERROR, place, sentence))

    def problem(self, place: Place, sentence: str) -> None:
        self.findings.append(Finding(Severity.PROBLEM, place, sentence))

    def notice(self, place: Place, sentence: str) -> None:
        self.findings.append(Finding(Severity.NOTICE, place, sentence))

    def tally(self, resource_type: str) -> Tally:
        return self.tallies.setdefault(resource_type, Tally())

    @property
    def counted(self) -> list[tuple[str, Tally]]:
        """The types that were met, in the order of the import."""
        return [(name, self.tallies[name]) for name in IMPORTED if self.tallies.get(name, Tally()) != Tally()]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def exit_code(self) -> int:
        return int(any(finding.severity is not Severity.NOTICE for finding in self.findings))

    @property
    def outcome(self) -> str:
        if self.has_errors:
            words = "Nothing was imported: mend the errors and run it again."
        elif not self.counted:
            words = f"Nothing in it to import{self._why_nothing}"
        elif all(one.skipped and one == Tally(skipped=one.skipped) for _, one in self.counted):
            words = "Nothing was imported: all of it was left out."
        elif self.is_dry_run:
            words = "A dry run: nothing was kept."
        else:
            words = "Imported."
        return words

    @property
    def _why_nothing(self) -> str:
        if not self.passed_over:
            return ": there are no resources in it."
        return f": the portal does not take {', '.join(sorted(self.passed_over))}. It takes {', '.join(IMPORTED)}."

    def as_dict(self) -> dict[str, object]:
        return {
            "imported": self.is_done,
            "dry_run": self.is_dry_run,
            "outcome": self.outcome,
            "types": {name: asdict(tally) for name, tally in self.counted},
            "passed_over": dict(sorted(self.passed_over.items())),
            "findings": [
                {
                    "severity": str(one.severity),
                    "file": one.place.file,
                    "entry": one.place.entry,
                    "sentence": one.sentence,
                }
                for one in self.findings
            ],
        }
