"""The rules of the house, where a machine can hold them."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from litestar import Litestar, get
from piccolo.columns import ForeignKey, Numeric, OnDelete

import portal
from portal.access import Viewer, insist_every_route_declares, routes
from portal.app import create_app
from portal.piccolo_app import APP_CONFIG, TABLES
from portal.web.request import Request

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = {"controllers": 150, "actions": 190, "queries": 190, "tables": 190, "forms": 150}
FREE = {"portal.audit.record_many"}


def modules(ending: str) -> list[str]:
    found = (one.name for one in pkgutil.walk_packages(portal.__path__, "portal."))
    return sorted(name for name in found if f".{ending}" in name or name.endswith(f".{ending}"))


@get("/forgotten")
async def forgotten() -> None: ...


@get("/cached", cache=True, opt={"access": "public"})
async def cached() -> None: ...


def test_a_route_without_declared_access_stops_the_portal_from_starting():
    with pytest.raises(Exception, match=r"/forgotten: forgotten"):
        insist_every_route_declares(Litestar([forgotten], openapi_config=None))


def test_a_cached_route_would_show_one_persons_page_to_another():
    with pytest.raises(Exception, match="/cached"):
        insist_every_route_declares(Litestar([cached], openapi_config=None))


def test_routes_txt_is_what_the_app_serves():
    told = subprocess.run(
        [sys.executable, "-m", "tasks.cli", "routes"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == (ROOT / "tests" / "routes.txt").read_text(), (
        "compare them, then: portal routes > tests/routes.txt"
    )


def test_route_names_are_unique():
    names = [(name, methods) for _, methods, name, _ in routes(create_app()) if name not in ("create", "update")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", [*modules("actions"), *modules("queries")])
def test_whoever_reads_or_changes_says_who_they_are_first(name):
    module = importlib.import_module(name)
    for function in vars(module).values():
        is_public = inspect.iscoroutinefunction(function) and not function.__name__.startswith("_")
        if not is_public or function.__module__ != name or function.__name__ in SYSTEM:
            continue
        first = next(iter(inspect.signature(function).parameters.values()), None)
        assert first is not None, function.__name__
        assert first.annotation in (Viewer, "Viewer"), f"{name}.{function.__name__}: viewer first"


SYSTEM = {
    # called by the worker or by an action that has asked already
    "invite",
    "send_reset",
    "tell_password_changed",
    "welcome",
    "tell_access_added",
    "tell_information_answered",
    "tell_appointment_answered",
    "tell_appointment_lapsed",
    "tell_time_offered",
    "look_again",
    "tell_appointment_coming",
    "tell_by_text",
    "tell_appointment_changed",
    "tell_staff",
    "tell_later",
    "reindex",
    "prune",
}


def test_every_tables_module_is_in_the_one_history():
    assert set(modules("tables")) == set(TABLES)


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table.__name__)
def test_a_foreign_key_states_what_happens_and_money_is_never_a_fraction(table):
    for column in table._meta.columns:
        assert not isinstance(column, Numeric)
        if isinstance(column, ForeignKey):
            assert column._foreign_key_meta.on_delete == OnDelete.restrict, f"{table.__name__}.{column._meta.name}"


@pytest.mark.parametrize("path", sorted((ROOT / "portal").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_outgrows_its_budget_hides_a_noun(path):
    lines = len(path.read_text().splitlines())
    kind = path.parent.name if path.parent.name in BUDGETS else path.stem
    assert lines <= BUDGETS.get(kind, 360), f"{lines} lines"


def test_tables_and_migrations_say_the_same(tmp_path):
    """Piccolo finds nothing that a new migration would have to do."""
    told = subprocess.run(
        [sys.executable, "-c", DRIFT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PORTAL_MODE": "test", "DATA_DIR": str(tmp_path), "PATH": ""},
    )
    assert told.stdout.strip().splitlines()[-1] == "[]", told.stdout + told.stderr


DRIFT = """
import asyncio, sys
sys.path.insert(0, "")
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from portal.piccolo_app import APP_CONFIG
statements = asyncio.run(AutoMigrationManager().get_alter_statements(APP_CONFIG))
print([line for one in statements for line in one.statements])
"""


def test_the_request_of_an_unknown_path_has_nobody_in_it():
    assert Request({"type": "http", "headers": [], "method": "GET", "path": "/"}).viewer == Viewer.nobody()
