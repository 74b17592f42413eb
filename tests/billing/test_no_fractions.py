"""Money never touches a fraction: the code that counts it knows neither float nor division, nor a column for them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "portal"
FOLDERS = ("fees", "encounters", "billing", "invoices", "balance", "estimates")
FILES = sorted([*(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")), ROOT / "money.py"])
SQL = ("::float", "::numeric", "::real", "avg(")
COLUMNS = {"Numeric", "Decimal", "Real", "Float", "DoublePrecision", "Double"}


def fractions(source: str) -> list[str]:
    """What of a source would make a fraction of a number, or keep one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in {"float", "round", "fsum"}:
            found.append(f"{name}, line {node.lineno}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"{node.value}, line {node.lineno}")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"/, line {node.lineno}")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("piccolo"):
            found += [f"{one.name}, line {node.lineno}" for one in node.names if one.name in COLUMNS]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "SELECT" in node.value:
            found += [
                f"{one} in SQL, line {node.lineno}"
                for one in ("::float", "::numeric", "::real", "avg(")
                if one in node.value
            ]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_cents_stay_whole(path):
    assert fractions(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    ["a = float(b)", "a = b / 100", "a /= 2", "a = round(b)", "a = 0.5", "from piccolo.columns import Real",
     "math.fsum(x)", "A = 'SELECT avg(amount)'", "A = 'SELECT amount::numeric'"],
)  # fmt: skip
def test_a_fraction_would_be_found(source):
    assert fractions(source)


def test_whole_numbers_pass():
    assert fractions("a = b // 100 + c % 100\nd = Decimal(b).scaleb(-2)\nfrom piccolo.columns import BigInt") == []
