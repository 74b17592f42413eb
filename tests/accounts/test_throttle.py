"""Who knocks is counted by account, by address and for all; delays grow, and strangers lock nobody out."""

import asyncio

import pytest

from portal import clock, language
from portal.accounts import throttle, visits
from portal.accounts.tables import Attempt
from portal.accounts.throttle import ENDLESS, TooMany, delay, forget, knock, let_in, manner
from portal.database import fetch
from portal.refusal import Refused

DOOR = "sign-in"


async def wait(door: str = DOOR, who: str = "maya@example.com", address: str = "192.0.2.1", **more) -> int:
    """0 where one may try; else the seconds that one is told to wait; -1 for ever."""
    try:
        await knock(door, who, address, **more)
    except TooMany as refusal:
        return refusal.seconds or -1
    return 0


def far(turn: int) -> str:
    return f"198.51.{turn // 250}.{turn % 250}"


def test_delays_grow_from_nothing_to_a_quarter_of_an_hour():
    assert [delay(tries) for tries in range(17)] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert delay(99) == 900


async def test_the_table_is_what_happens(db):
    passed, waits = 0.0, []
    for turn in range(17):
        with clock.shifted(seconds=passed):
            assert await wait(address=far(turn)) == 0
            told = await wait(address=far(turn))
            waits.append(0 if told == 0 else told)
            if told == 0:
                await fetch("DELETE FROM attempt WHERE id IN (SELECT id FROM attempt ORDER BY id DESC LIMIT 3)")
        passed += told
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


async def test_who_comes_too_early_is_not_counted_and_waits_no_longer_for_it(db):
    for turn in range(5):
        await wait(address=far(turn))
    for turn in range(50):
        assert await wait(address=far(turn)) == 2
    with clock.shifted(seconds=2):
        assert await wait() == 0
    assert await Attempt.count() == 6 * 3


async def test_a_right_try_begins_anew(db):
    for turn in range(9):
        for again in range(5):
            assert await wait(address=far(turn * 5 + again)) == 0
        await let_in(DOOR, "maya@example.com", far(turn * 5 + 4))


async def test_one_account_does_not_hold_up_another(db):
    for turn in range(6):
        await wait(address=far(turn))
    assert await wait(who="jonah@example.com") == 0


async def test_one_door_does_not_hold_up_another(db):
    for _ in range(6):
        await wait()
    assert [await wait(door) for door in ("reset", "code", "password")] == [0, 0, 0]


async def test_from_one_address_ten_in_five_minutes_whoever_is_meant(db):
    said = [await wait(who=f"{turn}@example.com") for turn in range(12)]
    assert said == [0] * 10 + [300, 300]
    assert await wait(who="x@example.com", address="192.0.2.2") == 0
    with clock.shifted(minutes=5, seconds=1):
        assert await wait(who="y@example.com") == 0


async def test_right_tries_do_not_use_up_an_address_that_many_share(db):
    for turn in range(40):
        assert await wait(who=f"{turn}@example.com") == 0
        await let_in(DOOR, f"{turn}@example.com", "192.0.2.1")


async def test_whoever_has_one_ipv6_address_has_its_neighbours_as_well(db):
    said = [await wait(who=f"{turn}@example.com", address=f"2001:db8:1:2:{turn:x}::{turn:x}") for turn in range(11)]
    assert said == [0] * 10 + [300]
    assert await wait(who="x@example.com", address="2001:db8:1:3::1") == 0


async def test_an_ipv4_address_written_as_ipv6_is_one_address(db):
    for turn in range(10):
        await wait(who=f"{turn}@example.com", address=f"::ffff:192.0.2.{turn}")
    assert await wait(who="x@example.com", address="::ffff:192.0.2.99") == 0
    for turn in range(10):
        await wait(who=f"{turn}@example.net", address="::ffff:192.0.2.7" if turn % 2 else "192.0.2.7")
    assert await wait(who="y@example.com", address="192.0.2.7") == 300


async def test_a_thousand_in_five_minutes_are_enough_for_all_but_known_devices_come_in(db):
    everyone = throttle._digest(DOOR, throttle.EVERYONE)
    await fetch(
        "INSERT INTO attempt (door, subject, happened_at) SELECT {}, {}, {} FROM generate_series(1, 1000)",
        DOOR, everyone, clock.now(),
    )  # fmt: skip
    assert await wait() == 300
    assert await wait(device="a device that has signed in before") == 0
    with clock.shifted(minutes=5, seconds=1):
        assert await wait() == 0


async def test_a_device_that_has_signed_in_before_has_a_count_of_its_own(db):
    for turn in range(20):
        await wait(address=far(turn))
    assert [await wait(address="192.0.2.1", device="mine") for _ in range(6)] == [0] * 5 + [2]
    assert await wait(address="192.0.2.1", device="another of mine") == 0


async def test_a_shared_device_counts_for_each_account_apart(db):
    for _ in range(6):
        await wait(device="ours")
    assert await wait(who="jonah@example.com", device="ours") == 0


async def test_after_a_hundred_only_a_new_password_helps_and_it_does(db):
    passed = 0.0
    for turn in range(100):
        with clock.shifted(seconds=passed):
            assert await wait(address=far(turn)) == 0
        passed += 901
    with clock.shifted(seconds=passed):
        assert await wait() == -1
        await forget(DOOR, "maya@example.com", ["mine"])
        assert await wait() == 0


async def test_where_no_password_is_guessed_nobody_is_shut_out_for_good(db):
    passed = 0.0
    for turn in range(150):
        with clock.shifted(seconds=passed):
            assert await wait("reset", address=far(turn), most=ENDLESS) == 0
        passed += 901


async def test_a_month_later_it_is_forgotten(db):
    for turn in range(8):
        await wait(address=far(turn))
    with clock.shifted(days=30, seconds=1):
        assert await wait() == 0
        await throttle.prune()
        assert await Attempt.count() == 3


async def test_a_hundred_knocks_at_once_are_counted_one_after_the_other(db):
    with clock.stopped():
        said = await asyncio.gather(*(wait(address=far(turn)) for turn in range(100)))
    assert sorted(said) == [0] * 5 + [2] * 95
    with clock.stopped():
        said = await asyncio.gather(*(wait(who=f"{turn}@example.com") for turn in range(100)))
    assert sorted(said) == [0] * 10 + [300] * 90


async def test_knocks_at_many_doors_at_once_do_not_wait_for_each_other_for_ever(db):
    """Two subjects are locked each time, always in one order."""
    pairs = [(f"{a}@example.com", far(b)) for a in range(8) for b in range(8)]
    told = await asyncio.gather(*(wait(who=who, address=address) for who, address in pairs * 2))
    assert len(told) == 128


async def test_no_address_and_no_email_stands_in_the_table(db):
    await wait(who="canary@example.com", address="192.0.2.123")
    rows = await fetch("SELECT a::text AS said FROM attempt a")
    assert not any("canary" in row["said"] or "192.0" in row["said"] for row in rows)


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (1, "Too many tries. Wait one second, then try again.", "un segundo"),
        (2, "Too many tries. Wait 2 seconds, then try again.", "2"),
        (90, "Too many tries. Wait 90 seconds, then try again.", "90"),
        (91, "Too many tries. Wait 2 minutes, then try again.", "2"),
        (900, "Too many tries. Wait 15 minutes, then try again.", "15"),
        (0, "Too many tries for this e-mail. Choose “Forgot your password?” to set a new one.", ""),
    ],
)
def test_how_long_is_said_in_both_languages(seconds, english, spanish):
    (sentence,) = TooMany(seconds).sentences.values()
    assert str(sentence) == english
    with language.speaking("es"):
        assert str(sentence) != english and spanish in str(sentence)


def test_a_refusal_that_waits_is_429_and_says_when():
    assert manner(TooMany(8)) == {"status": 429, "headers": {"Retry-After": "8"}}
    assert manner(TooMany(0)) == {"status": 429, "headers": None}
    assert manner(Refused(email="x")) == {}


# Whose address it is --------------------------------------------------------------------------------------------------


def seen(client: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return visits.address_of({"type": "http", "client": (client, 1), "headers": headers})


def test_without_a_trusted_proxy_nobody_is_believed():
    assert seen("203.0.113.9", "10.0.0.1") == "203.0.113.9"
    assert seen("203.0.113.9", "1.1.1.1, 2.2.2.2") == "203.0.113.9"


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["evil", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7'; DROP TABLE"], "10.0.0.1"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["fe80::1%" + "x" * 100], ("fe80::1%" + "x" * 100)[:45]),
        ("203.0.113.9", ["198.51.100.7"], "203.0.113.9"),
        ("2001:db8:ffff::1", ["198.51.100.7"], "198.51.100.7"),
    ],
)
def test_a_trusted_proxy_is_believed_as_far_as_it_can_know(environment, client, forwarded, address):
    environment(TRUSTED_PROXIES="10.0.0.0/8, 2001:db8:ffff::/48")
    assert seen(client, *forwarded) == address


def test_a_connection_without_an_address_is_nobodys():
    assert visits.address_of({"type": "http", "client": None, "headers": []}) == ""
