"""Logs: one JSON line each, ids and kinds only. An exception gives its type and place, not its words."""

import json
import logging
import traceback

from portal import clock


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        try:
            line |= json.loads(record.getMessage())
        except ValueError:
            line |= (
                {"logger": record.name, "said": record.getMessage()[:500]}
                if record.name.startswith("portal")
                else {"logger": record.name}
            )
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-12:]
            line |= {
                "kind": record.exc_info[0].__name__,
                "trace": [f"{one.filename}:{one.lineno} {one.name}" for one in frames],
            }
        return json.dumps(line)


def to_stderr() -> None:
    """What web and worker do first. Other libraries speak only when something is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portal").setLevel(logging.INFO)
