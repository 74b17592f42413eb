"""What can go wrong between the portal and Stripe, on order."""

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("answer_lost", "500", "429", "stall", "reset")


@dataclass
class Fault:
    kind: str
    method: str = "*"
    path: str = ".*"  # a pattern for the whole path
    times: int = 1
    after: int = 0  # as many calls go well before
    seconds: float = 0  # of a stall


class Faults:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ordered: list[Fault] = []

    def order(self, **said: Any) -> None:
        fault = Fault(**said)
        if fault.kind not in KINDS:
            raise ValueError(f"A fault is one of {', '.join(KINDS)}.")
        re.compile(fault.path)
        with self.lock:
            self.ordered.append(fault)

    def forget(self) -> None:
        with self.lock:
            self.ordered.clear()

    def shown(self) -> list[dict[str, Any]]:
        with self.lock:
            return [asdict(fault) for fault in self.ordered]

    def due(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.ordered:
                if fault.method not in ("*", method) or not re.fullmatch(fault.path, path):
                    continue
                if fault.after:
                    fault.after -= 1
                    return None
                fault.times -= 1
                if fault.times < 1:
                    self.ordered.remove(fault)
                return fault
        return None
