from typing import Any

from stripesim.store import Thing


def merge(thing: Thing, said: Any) -> None:
    """An empty value removes its name; an empty string in place of all removes all."""
    merged = {} if said == "" else {**thing["metadata"], **(said or {})}
    thing["metadata"] = {name: text for name, text in merged.items() if text != ""}
