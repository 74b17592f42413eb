"""PDFs as a reader of PDFs sees them."""

import subprocess
from pathlib import Path


def words_of(pdf: bytes, folder: Path) -> str:
    """The words on its pages, in their order."""
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def facts_of(pdf: bytes, folder: Path) -> dict[str, str]:
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    return {name: told.strip() for name, _, told in (line.partition(":") for line in said.splitlines())}
