"""States come by name or by code; the chart and the sites keep the postal code."""

from pathlib import Path

import pytest

from portal.clients.sections import STATES
from portal.clients.tables import ClientAddress
from portal.exchange.mapping.states import CODES, state_code
from portal.practice.tables import Site
from tests.exchange.samples import imported, location, patient, write


def test_every_state_that_the_chart_offers_has_a_name():
    assert set(CODES.values()) == set(STATES)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Massachusetts", "MA"),
        ("NEW  YORK", "NY"),
        ("Puerto Rico", "PR"),
        ("Washington, D.C.", "DC"),
        ("Virgin Islands, U.S.", "VI"),
        ("ma", "MA"),
        ("Ontario", "Ontario"),
        ("", ""),
    ],
)
def test_a_name_becomes_its_code_and_nothing_else_is_changed(written, code):
    assert state_code(written) == code


@pytest.mark.parametrize(
    ("country", "kept"), [("", "GA"), ("US", "GA"), ("usa", "GA"), ("United States", "GA"), ("GE", "Georgia")]
)
async def test_an_address_in_the_united_states_has_the_code(db: str, tmp_path: Path, country: str, kept: str):
    address = {"line": ["1 Main St"], "city": "Salem", "state": "Georgia", "postalCode": "30301", "country": country}
    file = write(tmp_path / "a.json", patient(address=[address]), location(address=address))
    await imported(file)
    assert [row["state"] for row in await ClientAddress.select(ClientAddress.state)] == [kept]
    assert [row["state"] for row in await Site.select(Site.state)] == [kept]
