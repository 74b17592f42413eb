"""`stripesim` as a process of its own, for whatever tests pay: a free port, a file of its own, stopped by SIGTERM."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
WEBHOOK_SECRET = "whsec_for_tests_only"


@dataclass
class Simulator:
    data: Path
    webhook: str | None = None
    port: int = 0
    secret_key: str = "sk_test_sim_for_tests"
    publishable_key: str = "pk_test_sim_for_tests"
    webhook_secret: str = WEBHOOK_SECRET
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def complaints(self) -> Path:
        return self.data.with_suffix(".err")

    def start(self) -> "Simulator":
        """The same port and file again, after `kill` or `stop`."""
        words = [sys.executable, "-W", "error", "-m", "stripesim", "--port", str(self.port), "--data", str(self.data)]
        if self.webhook:
            words += ["--webhook", self.webhook, "--webhook-secret", self.webhook_secret]
        with self.complaints.open("a") as complaints:
            self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=complaints, text=True)
        assert self.process.stdout
        ready = self.process.stdout.readline()
        assert ready.startswith("stripesim: TEST MODE on "), ready + self.complaints.read_text()
        self.port = int(ready.rsplit(":", 1)[1])
        return self

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0
        self.close()
        assert self.complaints.read_text() == ""

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)
        self.close()

    def close(self) -> None:
        """It says one line, and no other."""
        assert self.process and self.process.stdout
        assert self.process.stdout.read() == ""
        self.process.stdout.close()
        self.process = None

    def ask(self, method: str, path: str, /, **said: Any) -> Any:
        """The stand-in's own addresses: see stripesim/control.py."""
        body = json.dumps(said).encode() if method == "POST" else None
        request = Request(f"{self.url}/sim/{path}", body, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as refusal:
            with refusal:
                raise AssertionError(refusal.read().decode()) from None

    def counters(self, **metadata: str) -> dict[str, Any]:
        """How much was charged: of all, or of what carries this metadata."""
        words = "&".join(f"{name}={value}" for name, value in metadata.items())
        return self.ask("GET", f"counters?{words}")

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        return self.ask("GET", f"requests?after={after}")

    def fault(self, kind: str, path: str = ".*", method: str = "POST", **said: Any) -> None:
        """answer_lost, 500, 429, stall (seconds), reset: for the next call, or `times`, `after` so many good ones."""
        self.ask("POST", "faults", kind=kind, path=path, method=method, **said)

    def forget_faults(self) -> None:
        self.ask("DELETE", "faults")

    def webhooks(self, **switches: Any) -> None:
        """delay, duplicate, reorder, drop, bad_signature, pause, back_off; without words everything works again."""
        self.ask("POST", "webhooks", **switches)

    def deliver(self, *, again: bool = False) -> None:
        self.ask("POST", "deliveries/now", again=again)

    def settle(self, seconds: float = 15) -> dict[str, int]:
        """Waits until no event is on its way."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            states = self.ask("GET", "deliveries")["states"]
            if not states.get("waiting"):
                return states
            time.sleep(0.05)
        raise AssertionError(f"still on the way: {states}")

    def authenticate(self, intent: str, *, completes: bool = True) -> dict[str, Any]:
        """What the card's owner presses on the bank's page."""
        return self.ask("POST", f"authentications/{intent}", outcome="complete" if completes else "fail")

    def check_out(self, session: str, card: str = "visa") -> dict[str, Any]:
        """What the owner of a card does on the hosted page."""
        return self.ask("POST", f"checkout/{session}", card=card)

    def process_next(self, times: int = 1) -> None:
        self.ask("POST", "processing", times=times)

    def end_processing(self, intent: str, *, succeeds: bool = True) -> dict[str, Any]:
        return self.ask("POST", f"payment_intents/{intent}", outcome="succeeded" if succeeds else "failed")

    def hold_refunds(self, times: int = 1) -> None:
        self.ask("POST", "refunding", times=times)

    def end_refund(self, refund: str, *, arrives: bool = True) -> dict[str, Any]:
        return self.ask("POST", f"refunds/{refund}", outcome="succeeded" if arrives else "failed")

    def dispute(self, intent: str, reason: str = "fraudulent") -> dict[str, Any]:
        return self.ask("POST", "disputes", payment_intent=intent, reason=reason)

    def decide(self, dispute: str, *, won: bool) -> dict[str, Any]:
        return self.ask("POST", f"disputes/{dispute}", outcome="won" if won else "lost")

    def advance(self, seconds: int) -> None:
        self.ask("POST", "clock", seconds=seconds)


@contextmanager
def simulator(folder: Path, webhook: str | None = None) -> Iterator[Simulator]:
    running = Simulator(folder / "stripesim.sqlite", webhook).start()
    try:
        yield running
    finally:
        if running.process:
            running.stop()
