"""Ratios on a machine that others use too: in turn, by medians, and again where the spread is too large."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import psutil

TOO_WIDE = 0.15
TRIES = 3


@dataclass(frozen=True)
class Block:
    """One turn of one contestant: seconds per request, and what its process computed meanwhile."""

    seconds: float
    cpu: float = 0.0


Turn = Callable[[], Block]


@dataclass(frozen=True)
class Rounds:
    """Every round holds one block of each contestant."""

    rounds: list[dict[str, Block]]

    def seconds(self, name: str) -> float:
        return median(one[name].seconds for one in self.rounds)

    def cpu(self, name: str) -> float:
        return median(one[name].cpu for one in self.rounds)

    def ratio(self, over: str, under: str) -> float:
        return median(self._ratios(over, under))

    def cpu_ratio(self, over: str, under: str) -> float:
        return median(one[over].cpu / one[under].cpu for one in self.rounds)

    def spread(self, over: str, under: str) -> float:
        """The middle half of the ratios, as a share of their median."""
        lower, middle, upper = quantiles(self._ratios(over, under), n=4)
        return (upper - lower) / middle

    def _ratios(self, over: str, under: str) -> list[float]:
        return [one[over].seconds / one[under].seconds for one in self.rounds]


def in_turn(contestants: Mapping[str, Turn], over: str, under: str, *, rounds: int) -> Rounds:
    """The calmest of up to three runs, judged by the ratio that matters."""
    for turn in contestants.values():
        turn()
    runs: list[Rounds] = []
    while len(runs) < TRIES and (not runs or runs[-1].spread(over, under) > TOO_WIDE):
        names = list(contestants)
        done = []
        for place in range(rounds):
            turned = names[place % len(names) :] + names[: place % len(names)]
            blocks = {name: contestants[name]() for name in turned}
            done.append(blocks)
        runs.append(Rounds(done))
    return min(runs, key=lambda one: one.spread(over, under))


def cpu_seconds(pid: int) -> float:
    """Of the main thread, to the nanosecond, where Linux tells; else of the process, in hundredths."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError):
        told = psutil.Process(pid).cpu_times()
        return told.user + told.system


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
