import argparse
from pathlib import Path

from stripesim.server import serve


def main() -> None:
    words = argparse.ArgumentParser("stripesim", description="A stand-in for Stripe. TEST MODE: no money moves.")
    words.add_argument("--port", type=int, required=True, help="0 takes a free one")
    words.add_argument("--data", type=Path, required=True, help="the SQLite file that remembers")
    words.add_argument("--webhook", help="where events are sent")
    words.add_argument("--webhook-secret", default="", help="whsec_…")
    said = words.parse_args()
    if said.webhook and not said.webhook_secret.startswith("whsec_"):
        words.error("--webhook-secret must begin with whsec_")
    if said.webhook and not said.webhook.startswith(("http://", "https://")):
        words.error("--webhook must be an address")
    said.data.parent.mkdir(parents=True, exist_ok=True)
    serve(said.port, said.data, said.webhook, said.webhook_secret)


main()
