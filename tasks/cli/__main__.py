"""`python -m tasks.cli` is `portal`."""

from tasks.cli import main

main(prog_name="portal")
