import argparse
import os
import signal
import threading
import time
from pathlib import Path

from stripesim.server import serve


def main() -> None:
    words = argparse.ArgumentParser("stripesim", description="A stand-in for Stripe. TEST MODE: no money moves.")
    words.add_argument("--port", type=int, required=True, help="0 takes a free one")
    words.add_argument("--data", type=Path, required=True, help="the SQLite file that remembers")
    words.add_argument("--webhook", help="where events are sent")
    words.add_argument("--webhook-secret", default="", help="whsec_…")
    words.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)
    said = words.parse_args()
    if said.lifeline is not None:
        threading.Thread(target=follow, args=(said.lifeline,), daemon=True).start()
    if said.webhook and not said.webhook_secret.startswith("whsec_"):
        words.error("--webhook-secret must begin with whsec_")
    if said.webhook and not said.webhook.startswith(("http://", "https://")):
        words.error("--webhook must be an address")
    said.data.parent.mkdir(parents=True, exist_ok=True)
    serve(said.port, said.data, said.webhook, said.webhook_secret)


def follow(lifeline: int) -> None:
    """A pipe that ends with whoever started this: it ends too, however that one went."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(3)
    os._exit(1)


main()
