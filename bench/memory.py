"""What web and worker hold, together, while many pages are asked for."""

import random
from dataclasses import dataclass

import psutil

from bench.client import drive
from bench.pages import pages, people
from bench.site import Server, Site

MOST = 300.0
STEPS = 10
FLAT = 0.02


@dataclass(frozen=True)
class Held:
    """MB after each tenth of the requests, and the highest that the kernel saw."""

    steps: list[float]
    peak: float

    @property
    def grows(self) -> float:
        """The second half's growth, as a share."""
        return self.steps[-1] / self.steps[STEPS // 2 - 1] - 1


def held(site: Site, serve: Server, requests: int) -> Held:
    measured = pages(site)
    by_email = people(site, serve, measured)
    mixed = [request for one in measured for request in one.requests(by_email[one.email])]
    mixed += [by_email[measured[0].email].get(measured[0].paths[0])] * (len(mixed) // 2)
    random.Random(1).shuffle(mixed)
    children = _children(serve)
    steps = []
    for step in range(STEPS):
        place = step * 131 % len(mixed)
        drive(serve.port, mixed[place:] + mixed[:place], lines=4, count=max(1, requests // STEPS))
        steps.append(sum(_resident(one) for one in children))
    return Held(steps, sum(_peak(one) for one in children))


def _children(serve: Server) -> list[psutil.Process]:
    """The two processes that `portal serve` looks after."""
    found = [one for one in psutil.Process(serve.pid).children() if {"web", "worker"} & set(one.cmdline())]
    if len(found) != 2:
        raise RuntimeError(f"expected web and worker, found {[one.cmdline() for one in found]}")
    return found


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _peak(process: psutil.Process) -> float:
    """The high-water mark where Linux keeps one."""
    try:
        with open(f"/proc/{process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return _resident(process)
