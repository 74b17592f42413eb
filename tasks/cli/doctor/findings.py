"""What a check finds, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    check: str
    state: State
    said: str
    do: str = ""


def ok(check: str, said: str) -> Finding:
    return Finding(check, State.OK, said)


def warning(check: str, said: str, do: str) -> Finding:
    return Finding(check, State.WARNING, said, do)


def problem(check: str, said: str, do: str) -> Finding:
    return Finding(check, State.PROBLEM, said, do)


def in_short(error: BaseException) -> str:
    """One line; some libraries say pages."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
