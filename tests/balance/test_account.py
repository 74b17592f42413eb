"""My Account: what is owed, what for, in any order, narrowed, and taken along."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.audit.tables import AuditRow
from portal.balance.chart import TOP, chart
from portal.balance.forms import TITLES
from portal.balance.queries.months import Month
from portal.balance.queries.visits import SORTS
from portal.billing.actions import charging, paying, returning
from portal.database import fetch
from portal.invoices.actions import issuing
from portal.practice import switches
from portal.practice.tables import StaffMember
from tests.balance.factories import GROUP, an_insured_visit, decided, line_of, payment, place
from tests.billing.factories import AETNA, SESSION, a_payment, a_site, an_encounter
from tests.cast import Cast
from tests.factories import TEST, a_grant, an_account
from tests.test_queries import asked

COLUMNS = [
    "Date", "Time", "Time zone", "Service", "Clinician", "Location", "Total Charge", "Adjusted", "Total Paid",
    "Client Balance", "Total Balance", "Invoice",
]  # fmt: skip
WITHIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(page) -> list[list[str]]:
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.soup.select("#my-account .scroll tbody tr")
    ]


def days_of(page) -> list[str]:
    return [row[0] for row in rows_of(page)]


def table_of(page) -> list[list[str]]:
    assert page.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(page.response.content.decode("utf-8-sig"))))


def figures_in(content: bytes) -> tuple[list[list[str]], set[str]]:
    """Numbers of the book's rows as they are written there, and the forms that cells with a number have."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
    codes = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{WITHIN}numFmt")}
    cells = [codes.get(one.get("numFmtId"), "") for one in styles.find(f"{WITHIN}cellXfs")]
    rows, forms = [], set()
    for row in list(sheet.iter(f"{WITHIN}row"))[1:]:
        money = [cell for cell in row if "$" in (cells[int(cell.get("s", 0))] or "")]
        assert all(cell.get("t") in (None, "n") for cell in money)
        forms |= {cells[int(cell.get("s", 0))] for cell in money}
        rows.append([str(cell.findtext(f"{WITHIN}v")) for cell in money])
    return rows, forms


async def test_it_says_what_is_mine_to_pay_what_waits_and_what_i_have_paid_ahead(cast: Cast):
    await an_insured_visit(cast.client)
    await an_encounter(cast.client, insured=AETNA)
    browser = await cast.browser("client")
    page = await browser.get(place(cast))
    assert page.heading == "My Account"
    assert page.soup.select_one("#yours").get_text() == "$25.00"
    assert "Aetna $150.00" in page.words and "Total balance $175.00" in page.words
    assert "(443) 555-0142" in page.soup.select_one("#my-account").get_text()
    await a_payment(cast.client, 4000)
    page = await browser.get(place(cast))
    assert page.soup.select_one("#yours").get_text() == "$0.00" and "You owe nothing." in page.words
    assert "Credit: paid ahead $15.00" in page.words and "Total balance $135.00" in page.words


async def test_credit_that_waits_beside_what_is_owed_is_taken_off_and_said(cast: Cast):
    await a_payment(cast.client, 5000)
    await an_encounter(cast.client)
    page = await (await cast.browser("client")).get(place(cast))
    assert page.soup.select_one("#yours").get_text() == "$100.00"
    assert "$150.00 for services, less $50.00 that you have paid ahead." in page.words


async def test_credit_that_covers_what_is_owed_is_said_with_its_sums_here_and_in_the_ledger(cast: Cast):
    await a_payment(cast.client, 21_000)
    await an_encounter(cast.client)
    browser = await cast.browser("client")
    page = await browser.get(place(cast))
    assert page.soup.select_one("#yours").get_text() == "$0.00" and "Total balance -$60.00" in page.words
    assert "$150.00 for services, less $210.00 that you have paid ahead." in page.words
    assert "You owe nothing. $60.00 is left for what comes." in page.words
    page = await browser.get(place(cast, "/ledger"))
    assert (
        "Balance: -$60.00, which is $150.00 that you owe for services and $0.00 that waits for insurance, "
        "less $210.00 that you have paid ahead."
    ) in page.words


async def test_how_to_pay_is_said_in_the_practices_own_words_to_who_owes(cast: Cast):
    await switches.turn(TEST, "billing.how_to_pay", "Checks to <b>Harbor Lane</b>")
    browser = await cast.browser("client")
    assert "Checks to" not in (await browser.get(place(cast))).words
    await an_encounter(cast.client)
    assert "Checks to <b>Harbor Lane</b>" in (await browser.get(place(cast))).words


async def test_each_visit_stands_there_with_its_ten_columns(cast: Cast):
    encounter = await an_insured_visit(cast.client)
    await issuing.issue(TEST, cast.client.id)
    page = await (await cast.browser("client")).get(place(cast))
    heads = [one.get_text(" ", strip=True).removesuffix(" ↓") for one in page.soup.select(".scroll thead th")]
    assert heads == [str(title) for title in TITLES.values()]
    [row] = rows_of(page)
    assert row[1:8] == [
        "H0004 Counseling, 15 minutes", "Dr. Ngozi Okafor", "Annapolis office", "$150.00 less $35.00", "$90.00",
        "$25.00", "$25.00",
    ]  # fmt: skip
    assert row[8].removeprefix("Invoice ") == "1" and row[9].endswith("We bill Aetna")
    assert f"{place(cast)}/encounters/{encounter}" in page.links()
    labels = [cell["data-label"] for cell in page.soup.select(".scroll tbody td")]
    assert labels == heads[1:], "on a phone each cell says what it is"


async def test_what_was_voided_is_not_there_and_its_page_neither(cast: Cast):
    encounter = await an_encounter(cast.client)
    await charging.void(TEST, encounter, 1, "Another client")
    browser = await cast.browser("client")
    page = await browser.get(place(cast))
    assert rows_of(page) == [] and "Nothing here yet" in page.words and "Another client" not in page.words
    assert (await browser.get(place(cast, f"/encounters/{encounter}"))).status == 404


async def some_visits(cast: Cast) -> dict[str, int]:
    """Three that differ in every column."""
    brandt = await StaffMember.objects().get(StaffMember.family_name == "Brandt")
    await a_site()
    park = (await a_site("Severna Park")).id
    own = await an_encounter(cast.client, SESSION, days_ago=30)
    await a_payment(cast.client, 15000)
    insured = await an_encounter(cast.client, GROUP, days_ago=20, insured=AETNA, clinician_id=brandt.id)
    await decided(cast.client, insured, 1000, 1000, 1000)
    both = await an_encounter(cast.client, SESSION, GROUP, days_ago=10, site_id=park)
    for one in (own, insured):
        await issuing.issue(TEST, cast.client.id, [await line_of(one)])
    return {"own": own, "insured": insured, "both": both, "brandt": brandt.id, "park": park}


ORDERS = {
    "date": ["own", "insured", "both"],
    "service": ["own", "both", "insured"],
    "clinician": ["own", "both", "insured"],
    "site": ["own", "insured", "both"],
    "charge": ["insured", "own", "both"],
    "paid": ["both", "insured", "own"],
    "yours": ["own", "insured", "both"],
    "balance": ["own", "insured", "both"],
    "invoice": ["both", "own", "insured"],
    "superbill": ["own", "both", "insured"],
}


@pytest.mark.parametrize("column", SORTS)
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_it_is_sorted_by_every_column_both_ways(cast: Cast, column, htmx):
    made = await some_visits(cast)
    browser = await cast.browser("client", htmx=htmx)
    page = await browser.get(place(cast))
    link = page.soup.select_one(f"#by-{column}")
    assert link["href"] == link["hx-get"]
    seen = {}
    for _ in range(2):
        page = await browser.get(str(page.soup.select_one(f"#by-{column}")["href"]))
        head = page.soup.select_one(f"#by-{column}").parent
        seen[head["aria-sort"]] = [
            int(str(one["href"]).rsplit("/", 1)[1]) for one in page.soup.select(".scroll tbody th a")
        ]
        assert page.soup.select_one("#sort option[selected]")["value"].removeprefix("-") == column
    wanted = [made[name] for name in ORDERS[column]]
    assert seen == {"ascending": wanted, "descending": wanted[::-1]}
    assert page.text.lstrip().startswith("<div id=" if htmx else "<!doctype")


def test_there_is_an_order_for_every_column():
    assert set(ORDERS) == set(SORTS) == set(TITLES)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["both", "insured", "own"]), ("clinician={brandt}", ["insured"]), ("site={park}", ["both"]),
        ("show=open", ["both", "insured"]), ("from={day}", ["both", "insured"]), ("until={day}", ["insured", "own"]),
        ("from={day}&until={day}", ["insured"]), ("clinician=999", []), ("show=nonsense&sort=nonsense&site=x", None),
        ("show=open&sort=balance", ["insured", "both"]), ("after=99999", None), ("before=99999&after=1", None),
    ],
)  # fmt: skip
async def test_it_is_narrowed_and_the_files_hold_exactly_that(cast: Cast, query, names):
    made = await some_visits(cast)
    day = (clock.now() - timedelta(days=20)).astimezone(ZoneInfo("America/New_York")).date()
    query = query.format(**made, day=day)
    names = ["both", "insured", "own"] if names is None else names
    browser = await cast.browser("client")
    page = await browser.get(place(cast, f"?{query}"))
    wanted = [f"{place(cast)}/encounters/{made[name]}" for name in names]
    assert [str(one["href"]) for one in page.soup.select(".scroll tbody th a")] == wanted
    count = page.soup.select_one("#found-h").get_text()
    assert count == f"{len(names)} visit{'s' * (len(names) != 1)}"
    assert ("No visits match." in page.words) == (not names)
    header, *rows = table_of(await browser.get(place(cast, f"/csv?{query}")))
    assert header == COLUMNS and len(rows) == len(names)
    book, _ = figures_in((await browser.get(place(cast, f"/excel?{query}"))).response.content)
    assert book == [row[6:11] for row in rows]


async def test_money_in_the_files_is_numbers_with_a_currency(cast: Cast):
    await an_insured_visit(cast.client)
    browser = await cast.browser("client")
    _, row = table_of(await browser.get(place(cast, "/csv")))
    assert row[6:11] == ["150.00", "35.00", "90.00", "25.00", "25.00"]
    answer = await browser.get(place(cast, "/excel"))
    assert figures_in(answer.response.content) == (
        [["150.00", "35.00", "90.00", "25.00", "25.00"]],
        {'"$"#,##0.00;-"$"#,##0.00'},
    )
    day = clock.today("America/New_York").isoformat()
    assert answer.headers["content-disposition"] == f'attachment; filename="account-{day}.xlsx"'


async def test_a_day_that_is_none_is_refused_beside_its_field_and_stays(cast: Cast):
    browser = await cast.browser("client")
    page = await browser.get(place(cast, "?from=yesterday"))
    assert page.status == 422 and page.value("from") == "yesterday" and "Write the date like" in page.errors["from"]
    page = await browser.get(place(cast, "?from=2026-05-02&until=2026-05-01"))
    assert "check both dates" in page.errors["until"]


async def many_visits(cast: Cast, many: int) -> None:
    """Each a day before the other; of every five one price."""
    for back in range(many):
        line = SESSION if back % 5 else GROUP
        await an_encounter(cast.client, line, days_ago=1 + back)


@pytest.mark.parametrize("sort", ["", "sort=charge", "sort=-charge", "sort=service", "sort=clinician", "sort=-invoice"])
async def test_pages_of_every_order_have_no_gaps_both_ways(cast: Cast, sort):
    await many_visits(cast, 57)
    browser = await cast.browser("client")
    pages = [await browser.get(place(cast, f"?{sort}"))]
    while older := pages[-1].soup.find("a", rel="next"):
        pages.append(await browser.get(str(older["href"])))
    seen = [days_of(page) for page in pages]
    assert [len(days) for days in seen] == [25, 25, 7] and len({day for days in seen for day in days}) == 57
    back = [pages[-1]]
    while newer := back[-1].soup.find("a", rel="prev"):
        back.append(await browser.get(str(newer["href"])))
    assert [days_of(page) for page in back[::-1]] == seen
    _, *rows = table_of(await browser.get(place(cast, f"/csv?{sort}")))
    shown = [datetime.strptime(day, "%B %d, %Y, %I:%M\xa0%p").date().isoformat() for days in seen for day in days]
    assert [row[0] for row in rows] == shown
    assert len(days_of(await browser.get(place(cast, f"?print=1&{sort}")))) == 57, "paper has it all"


async def test_an_address_says_nothing_of_what_it_is_sorted_by(cast: Cast):
    await many_visits(cast, 30)
    page = await (await cast.browser("client")).get(place(cast, "?sort=service"))
    assert str(page.soup.find("a", rel="next")["href"]).partition("after=")[2].isdecimal()


async def test_it_asks_as_often_for_thirty_visits_as_for_one(cast: Cast):
    browser = await cast.browser("client")
    await many_visits(cast, 1)
    one = await asked(browser, place(cast))
    await many_visits(cast, 30)
    assert await asked(browser, place(cast)) == one == 6, "session, unread, and what is owed, listed, offered, drawn"
    assert await asked(browser, place(cast, "/csv")) == 3, "session, the audit, and the list"


async def test_the_chart_says_in_words_and_in_a_table_what_it_draws(cast: Cast):
    await an_encounter(cast.client, days_ago=1)
    await payment(cast.client, 4000)
    page = await (await cast.browser("client")).get(place(cast))
    picture = page.soup.select_one("svg[role=img]")
    named = [page.soup.find(id=one).get_text() for one in str(picture["aria-labelledby"]).split()]
    assert named[0] == "Charges and payments by month" and "empty one for what was paid" in named[1]
    assert len(picture.select("rect")) == 24 and picture.select_one("g")["aria-hidden"] == "true"
    tall = [int(one["height"]) for one in picture.select("rect")]
    assert sum(tall[:-4:2]) == 0 and max(tall) <= 120
    table = [[cell.get_text() for cell in row.select("th, td")] for row in page.soup.select("details.past tbody tr")]
    assert len(table) == 12
    today = clock.today("America/New_York")
    assert table[0][0] == f"{today:%B %Y}" and "$150.00" in f"{table[0]} {table[1]}" and "$40.00" in str(table[:2])


async def test_nothing_is_drawn_where_nothing_happened(cast: Cast):
    page = await (await cast.browser("client")).get(place(cast))
    assert page.soup.select_one("svg[role=img]") is None and "Nothing here yet" in page.words


async def test_what_is_voided_or_reversed_is_not_drawn(cast: Cast):
    encounter = await an_encounter(cast.client, days_ago=1)
    paid = await payment(cast.client, 4000)
    await returning.reverse(TEST, paid.id, "Bounced")
    await charging.void(TEST, encounter, 1, "No")
    browser = await cast.browser("client")
    page = await browser.get(place(cast))
    assert page.soup.select_one("svg[role=img]") is None


@pytest.mark.parametrize(
    ("months", "top"), [([1], 100), ([100], 100), ([101], 200), ([50000], 50000), ([50001], 100000)]
)
def test_the_line_above_the_bars_is_a_round_amount_that_none_passes(months, top):
    drawn = chart([Month(date(2026, 1, 1), cents, -cents) for cents in months])
    assert drawn is not None and drawn.top == top
    for group in drawn.groups:
        assert group.charged.y >= TOP and group.charged.y + group.charged.high == drawn.ground
        assert group.paid.high == 0, "more given back than paid is no bar"


async def test_the_tile_says_what_is_owed_in_one_question(cast: Cast):
    browser, home = await cast.browser("client"), f"/clients/{cast.client.id}"

    async def tile() -> str:
        found = (await browser.get(home)).soup.select_one(f'a.tile[href="{place(cast)}"] .state')
        return found.get_text()

    assert await tile() == "You owe nothing"
    encounter = await an_encounter(cast.client, insured=AETNA)
    assert await tile() == "Waiting for insurance"
    await decided(cast.client, encounter, 9000, 3500, 2500)
    assert await tile() == "You owe $25.00"
    await fetch("UPDATE account SET language = 'es'")
    assert await tile() == "Usted debe $25.00"
    await a_payment(cast.client, 5000)
    assert await tile() == "Usted no debe nada"


async def test_switched_off_the_page_says_to_call_and_all_else_leads_there(cast: Cast):
    encounter = await an_encounter(cast.client)
    paid = await payment(cast.client, 100)
    await switches.turn(TEST, "billing.account", "no")
    browser = await cast.browser("client")
    assert "Please call us about it" in (await browser.get(f"/clients/{cast.client.id}")).words
    for rest in (
        "", "/csv", "/excel", f"/encounters/{encounter}", "/ledger", "/ledger/csv", "/receipts", "/receipts/csv",
        "/receipts/excel", f"/receipts/{paid.id}",
    ):  # fmt: skip
        page = await browser.get(place(cast, rest))
        assert page.path == place(cast) and "Please call us about your account." in page.words, rest
        assert "tel:+14435550142" in page.links() and "$" not in page.words
        assert place(cast, "/estimates") in page.links()
    assert (await browser.get(place(cast, "/estimates"))).status == 200


async def test_papers_stand_there_only_where_the_practice_gives_them(cast: Cast):
    await an_insured_visit(cast.client)
    browser = await cast.browser("client")
    assert "Superbill" in (await browser.get(place(cast))).words
    await switches.turn(TEST, "billing.superbills", "no")
    page = await browser.get(place(cast, "?sort=superbill"))
    assert "Superbill" not in page.words and len(rows_of(page)[0]) == 9


async def test_a_guardian_reads_it_and_that_is_written_down(cast: Cast):
    encounter = await an_insured_visit(cast.client)
    paid = await payment(cast.client, 2500)
    browser = await cast.browser("guardian")
    for rest in ("", f"/encounters/{encounter}", "/ledger", "/receipts", f"/receipts/{paid.id}"):
        assert (await browser.get(place(cast, rest))).status == 200
    for rest in ("/csv", "/excel", "/ledger/csv", "/receipts/csv", "/receipts/excel"):
        assert (await browser.get(place(cast, rest))).status == 200
    acts = [row["act"] for row in await AuditRow.select(AuditRow.act).where(AuditRow.role == "guardian")]
    assert acts.count("page.read") == 5
    assert sorted(act for act in acts if act != "page.read") == sorted(
        ["account.exported"] * 2 + ["ledger.exported"] + ["payments.exported"] * 2
    )


async def test_it_is_nobody_elses(cast: Cast):
    encounter, theirs = await an_encounter(cast.client), await an_encounter(cast.other, clinician_id=1)
    paid, their_payment = await payment(cast.client, 100), await payment(cast.other, 100)
    blind = await an_account("blind@example.com", name="Guardian Of Messages")
    cast.accounts["blind"] = blind
    await a_grant(blind, cast.client, kind="guardian", areas=["messages", "appointments"])
    paths = [
        "", "/csv", "/excel", f"/encounters/{encounter}", "/ledger", "/ledger/csv", "/receipts", "/receipts/csv",
        "/receipts/excel", f"/receipts/{paid.id}",
    ]  # fmt: skip
    for part in ("signed out", "stranger", "ended", "blind", "clinician", "front_desk", "biller"):
        browser = await cast.browser(part)
        for rest in paths:
            page = await browser.get(place(cast, rest), follow=False)
            assert page.status == (303 if part == "signed out" else 404), (part, rest)
    browser = await cast.browser("client")
    for rest in (f"/encounters/{theirs}", f"/receipts/{their_payment.id}", "/encounters/0", f"/receipts/{2**63}"):
        assert (await browser.get(place(cast, rest))).status == 404, rest
    for rest in (f"?after={theirs}", f"/receipts?after={their_payment.id}", f"/receipts?before={their_payment.id}"):
        page = await browser.get(place(cast, rest))
        assert page.status == 200 and ("1 visit" in page.words or "1 payment" in page.words)


async def test_it_speaks_spanish_with_its_money_and_services(cast: Cast):
    await an_insured_visit(cast.client)
    await fetch("UPDATE account SET language = 'es'")
    page = await (await cast.browser("client")).get(place(cast))
    assert page.heading == "Mi cuenta" and "H0004 Consejería, 15 minutos" in page.words
    assert "A pagar por usted" in page.words and "menos $35.00" in page.words


async def test_applied_credit_moves_nothing_but_itself(cast: Cast):
    await a_payment(cast.client, 5000)
    await an_encounter(cast.client)
    browser = await cast.browser("client")
    before = (await browser.get(place(cast))).soup.select_one("#yours").get_text()
    await paying.apply_credit(TEST, cast.client.id)
    page = await browser.get(place(cast))
    assert page.soup.select_one("#yours").get_text() == before == "$100.00" and "Credit" not in page.words
