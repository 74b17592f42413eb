"""What the portal demands before it starts."""

import pytest

from portal.settings import Misconfigured, Settings

KEY = "k" * 40
GOOD = {"SECRET_KEY": KEY, "BASE_URL": "https://portal.example.com"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing or shorter"),
        ({"SECRET_KEY": f"{KEY},short"}, "SECRET_KEY is missing or shorter"),
        ({"BASE_URL": ""}, "BASE_URL is missing"),
        ({"BASE_URL": "http://portal.example.com"}, "not https"),
        ({"BASE_URL": "portal.example.com"}, "BASE_URL is missing"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"PORTAL_MODE": "staging"}, "choose production, demo or test"),
        ({"TRUSTED_PROXIES": "not a network"}, "TRUSTED_PROXIES"),
        ({"PORT": "eighty"}, "PORT is not a whole number"),
    ],
)
def test_it_does_not_start_and_says_what_to_set(tmp_path, change, sentence):
    with pytest.raises(Misconfigured, match=sentence):
        Settings.read({**GOOD, "DATA_DIR": str(tmp_path), **change})


def test_production_is_what_it_is_if_nothing_else_is_said(tmp_path):
    assert Settings.read({**GOOD, "DATA_DIR": str(tmp_path)}).is_production
    assert not list(tmp_path.iterdir())


def test_data_of_the_demo_stay_a_demo_until_something_of_production_is_set(tmp_path):
    here = {"DATA_DIR": str(tmp_path)}
    assert Settings.read({**here, "PORTAL_MODE": "demo"}).is_demo
    assert Settings.read(here).is_demo
    assert Settings.read({**here, **GOOD}).is_production
    with pytest.raises(Misconfigured):
        Settings.read({**here, "BASE_URL": "https://portal.example.com"})


def test_the_demos_secret_survives_a_restart(tmp_path):
    here = {"DATA_DIR": str(tmp_path), "PORTAL_MODE": "demo"}
    assert Settings.read(here).secret_keys == Settings.read(here).secret_keys


def test_cookies_are_secure_where_the_browser_sees_https(tmp_path):
    assert Settings.read({**GOOD, "DATA_DIR": str(tmp_path)}).is_secure
    assert not Settings.read({"DATA_DIR": str(tmp_path), "PORTAL_MODE": "demo"}).is_secure
