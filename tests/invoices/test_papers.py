"""What stands on the papers of money, in both languages, and that their sums are those of the account."""

import random
import re
import subprocess

import pikepdf
import pytest

from portal.billing.actions import deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.returning import Back
from portal.billing.queries import owed
from portal.database import fetch
from portal.encounters.drafts import DiagnosisDraft, LineDraft
from portal.invoices import lacking, papers
from portal.invoices.actions import issuing
from portal.invoices.queries import superbill
from portal.papers.drawing import drawn
from portal.practice import switches
from portal.refusal import Refused
from tasks.actors import press
from tests.billing.factories import AETNA, ANXIETY, SESSION, a_payment, an_encounter, today
from tests.factories import TEST
from tests.invoices.steps import a_whole_practice, cents, lines_of, printed, speaking
from tests.papers.steps import facts_of

EXTRA = LineDraft("90785", "Interactive complexity", 1, 1500, modifiers=("95", "HJ"), pointers=(1, 2))
GRIEF = DiagnosisDraft("F43.23", "Adjustment disorder with mixed anxiety and depressed mood")
NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


async def a_decided_visit(cast, **more) -> int:
    """Insured: 165.00, of which 90.00 were paid, 20.00 taken off, 30.00 left to the client, who has paid 25.00."""
    encounter = await an_encounter(cast.client, SESSION, EXTRA, insured=AETNA, diagnoses=(ANXIETY, GRIEF), **more)
    first, _ = await lines_of(encounter)
    told = Remittance("Aetna", "transfer", today(), [Part(first, paid=9000, adjusted=2000, left=3000)])
    await deciding.post_remittance(TEST, cast.client.id, told)
    await a_payment(cast.client, 2500, method="check", reference="1042")
    return encounter


# Invoices ------------------------------------------------------------------------------------------------------------


async def test_an_invoice_says_who_what_when_how_much_and_how_to_pay(cast, tmp_path):
    await a_whole_practice(cast.client)
    await switches.turn_all(TEST, {"billing.how_to_pay": "Checks to Harbor Lane"})
    await a_decided_visit(cast)
    invoice = await issuing.issue(TEST, cast.client.id)
    said = await printed(await papers.invoice_page(TEST, invoice), tmp_path)
    for words in (
        "Invoice 1", "Issued", "Due", "Harbor Lane Counseling, LLC", "12 Harbor Lane", "Annapolis, MD 21401",
        "(443) 555-0142", "Maya Reyes", "8 Spa Creek Way", "Counseling, 15 minutes", "H0004", "$37.50", "Aetna",
        "Check, receipt 1", "How to pay", "Checks to Harbor Lane", "Call (443) 555-0142", "Page 1 / 1",
    ):  # fmt: skip
        assert words in said, words
    sums = {
        "Total": 16500, "Adjustments": -2000, "Paid by insurance": -9000, "Paid by you": -2500,
        "Waiting for insurance": 2500, "Yours to pay": 500,
    }  # fmt: skip
    assert {label: cents(said, label) for label in sums} == sums
    sum_of_them = sums["Total"] + sums["Adjustments"] + sums["Paid by insurance"] + sums["Paid by you"]
    assert sum_of_them == sums["Waiting for insurance"] + sums["Yours to pay"]
    assert "F41.1" not in said and NOTICE not in said


async def test_its_page_says_whose_it_is_what_it_adds_up_to_and_what_was_paid_on_it(cast):
    await a_decided_visit(cast)
    invoice = await issuing.issue(TEST, cast.client.id)
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}/account/invoices/{invoice}")
    assert "For Maya Reyes" in page.words
    assert (
        "What it adds up to Total $165.00 Adjustments -$20.00 Paid by insurance -$90.00 Paid by you -$25.00 "
        "Waiting for insurance $25.00 Yours to pay $5.00"
    ) in page.words
    paid = page.soup.select("section[aria-labelledby=paid-h] tbody tr")
    assert [row.select("td")[-1].get_text() for row in paid] == ["$90.00", "$25.00"]
    await issuing.replace(TEST, invoice, "wrong day")
    page = await browser.get(page.path)
    assert "is void" in page.words and "Yours to pay" not in page.words and not page.soup.select("#paid-h")


async def test_it_names_diagnoses_only_where_the_practice_wants_it(cast):
    await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    await switches.turn_all(TEST, {"billing.diagnoses_on_invoices": "yes"})
    assert "F41.1" in await papers.invoice_page(TEST, invoice)


async def test_a_void_invoice_says_so_large_asks_for_nothing_and_names_what_took_its_place(cast, tmp_path):
    await an_encounter(cast.client)
    first = await issuing.issue(TEST, cast.client.id)
    second = await issuing.replace(TEST, first, "wrong day")
    said = await printed(await papers.invoice_page(TEST, first), tmp_path)
    assert said.count("VOID") == 2 and "Nothing is to be paid on it." in said and "Invoice 2 takes its place." in said
    assert "Yours to pay" not in said and "How to pay" not in said
    said = await printed(await papers.invoice_page(TEST, second), tmp_path)
    assert re.search(r"Takes the place of\s+invoice 1", said) and "VOID" not in said


@pytest.mark.parametrize("of", ["visit", "practice"])
async def test_the_notice_of_part_2_stands_where_it_must(cast, of):
    await a_whole_practice(cast.client)
    if of == "practice":
        await switches.turn_all(TEST, {"billing.part2": "yes"})
    encounter = await an_encounter(cast.client, is_part2=of == "visit")
    invoice = await issuing.issue(TEST, cast.client.id)
    assert NOTICE in await papers.invoice_page(TEST, invoice)
    assert NOTICE in await papers.superbill_page(TEST, encounter)


async def test_three_hundred_lines_break_well_and_each_page_has_the_heads(cast, tmp_path):
    for place in range(25):
        await an_encounter(cast.client, *[SESSION] * 12, days_ago=3 + place)
    invoice = await issuing.issue(TEST, cast.client.id)
    said = await printed(await papers.invoice_page(TEST, invoice), tmp_path)
    pages = said.rstrip("\f").split("\f")
    assert len(pages) >= 8 and said.count("Counseling, 15 minutes") == 300
    with_lines = [page for page in pages if "Counseling, 15 minutes" in page]
    assert all(re.search(r"Date\s+Service\s+Qty\s+Each\s+Amount", page) for page in with_lines)
    assert f"Page {len(pages)} / {len(pages)}" in pages[-1] and cents(said, "Total") == 300 * 15000


async def test_it_says_the_same_in_spanish(cast, tmp_path):
    await a_whole_practice(cast.client)
    await a_decided_visit(cast)
    invoice = await issuing.issue(TEST, cast.client.id)
    with speaking("es"):
        said = await printed(await papers.invoice_page(TEST, invoice), tmp_path)
    for words in ("Factura 1", "Vence", "Consejería, 15 minutos", "A pagar por usted", "Página 1 / 1", "Cómo pagar"):
        assert words in said, words
    assert not re.search(r"\b(Invoice|Total due|Payments|Amount|Paid|Call)\b", said)


# Superbills ----------------------------------------------------------------------------------------------------------


async def test_a_superbill_has_every_field_that_an_insurer_asks_for(cast, tmp_path):
    await a_whole_practice(cast.client)
    told = {"referring_name": "Dr. Ada Lovelace", "referring_npi": "1234567893", "place_of_service": "10"}
    encounter = await a_decided_visit(cast, **told)
    said = await printed(await papers.superbill_page(TEST, encounter), tmp_path)
    for words in (
        "Harbor Lane Counseling, LLC", "12 Harbor Lane", "(443) 555-0142", "52-1234567", "1234567893",  # practice
        "Dr. Ngozi Okafor, PhD", "1003000126", "06123, MD", "10 Telehealth",  # clinician and place
        "Maya Reyes", "April 17, 1991", "Female", "8 Spa Creek Way", "Annapolis, MD 21403", "(443) 555-0123",  # client
        "Aetna", "Open Access", "W2093 11864", "The client",  # insurance
        "F41.1", "Generalized anxiety disorder", "F43.23", "90785", "95 HJ", "A, B",  # codes and pointers
        f"{encounter}-1", "Dr. Ada Lovelace", "Check, receipt 1", "November", "Signature",
        "This is not a bill.", "The practice has asked Aetna to pay for it.", "Page 1 / 1",
    ):  # fmt: skip
        assert words in said or words == "November", words
    assert {label: cents(said, label) for label in ("Charges", "Adjustments", "Balance")} == {
        "Charges": 16500, "Adjustments": -2000, "Balance": 3000,
    }  # fmt: skip


async def test_of_a_visit_that_nobody_else_was_asked_to_pay_the_client_asks_the_insurer(cast, tmp_path):
    await a_whole_practice(cast.client)
    encounter = await an_encounter(cast.client)
    said = await printed(await papers.superbill_page(TEST, encounter), tmp_path)
    assert "It is for asking your insurer to pay you back." in said and "has asked" not in said


LACKS = {
    "UPDATE practice SET npi = '1234567890'": "The practice's NPI",
    "UPDATE practice SET tax_id = ''": "The practice's tax ID (EIN), such as 12-3456789",
    "UPDATE practice SET street = ''": "The practice's address",
    "UPDATE practice SET phone = ''": "The practice's phone number",
    "UPDATE staff_member SET npi = ''": "The NPI of Dr. Ngozi Okafor",
    "UPDATE staff_member SET credentials = ''": "The credentials of Dr. Ngozi Okafor",
    "UPDATE staff_member SET license_state = ''": "The license of Dr. Ngozi Okafor, with its state",
    "UPDATE client SET birth_date = NULL": "The client's date of birth",
    "DELETE FROM client_address": "The client's address",
    "UPDATE service_line SET pointers = ARRAY[]::smallint[]": "A diagnosis that each service points to",
    "DELETE FROM diagnosis": "At least one diagnosis",
    "UPDATE encounter SET payer = 'Aetna', member_id = ''": "The member ID of the insurance",
}


@pytest.mark.parametrize("sql", LACKS)
async def test_it_is_refused_with_the_list_of_what_lacks(cast, sql):
    from portal.practice import queries as practices

    await a_whole_practice(cast.client)
    encounter = await an_encounter(cast.client)
    assert await papers.superbill_page(TEST, encounter)
    await fetch(sql)
    practices.forget()
    found = lacking.lacks(await superbill.superbill(TEST, encounter))
    assert [str(lack.words) for lack in found] == [LACKS[sql]]
    assert await papers.superbill_page(TEST, encounter) is None


async def test_a_stretch_of_time_is_one_paper_with_a_page_in_front(cast, tmp_path):
    from datetime import timedelta

    await a_whole_practice(cast.client)
    for days in (3, 5, 90):
        await an_encounter(cast.client, days_ago=days)
    await an_encounter(cast.client, LineDraft("H0004", "Counseling, 15 minutes", 1, 3750), days_ago=4)
    wanted = await papers.wanted(TEST, cast.client.id, today() - timedelta(days=20), today())
    assert "Maya" not in wanted.name and wanted.name.startswith("statements-")
    found = await papers._within(TEST, cast.client.id, today() - timedelta(days=20), today())
    assert len(found) == 3
    bills = await papers._complete(TEST, found)
    assert len(bills) == 2
    with pytest.raises(Refused) as refused:
        await papers.wanted(TEST, cast.client.id, today() - timedelta(days=60), today() - timedelta(days=40))
    assert refused.value.sentences[""] == "There are no visits in this time."


async def test_the_page_in_front_of_them_adds_up_and_so_does_the_page_of_one(cast, tmp_path):
    await a_whole_practice(cast.client)
    encounter = await a_decided_visit(cast)
    bill = await superbill.superbill(TEST, encounter)
    cover = {"first": today(), "last": today(), "left_out": 0}
    page = await drawn(TEST, "pdf/superbill", title="Statements", bills=[bill, bill], cover=cover, **papers.WORDS)
    said = re.sub(r"\s+", " ", (await printed(page, tmp_path)).split("Together")[1])
    told = [int(one.replace("$", "").replace(",", "").replace(".", "")) for one in said.split()[:4]]
    assert told == [33000, -4000, 23000, 6000] and told[0] + told[1] - told[2] == told[3]
    page = await (await cast.browser("client")).get(
        f"/clients/{cast.client.id}/account/encounters/{encounter}/superbill"
    )
    for words in ("Charges $165.00", "Adjustments -$20.00", "Paid -$115.00", "Balance $30.00"):
        assert words in page.words
    assert "We have asked Aetna to pay for this visit." in page.words and "Send it to your insurer" not in page.words


# Receipts ------------------------------------------------------------------------------------------------------------


async def test_a_receipt_says_what_it_paid_for_what_is_left_and_what_went_back(cast, tmp_path):
    await a_whole_practice(cast.client)
    await an_encounter(cast.client)
    await issuing.issue(TEST, cast.client.id)
    payment = await a_payment(cast.client, 20000, method="check", reference="1042")
    said = await printed(await papers.receipt_page(TEST, payment), tmp_path)
    assert "Receipt 1" in said and "Kept as credit" in said and re.search(r"Eastern\s+Time", said)
    assert cents(said, "Paid by check 1042") == 20000 and cents(said, "Paid ahead after this") == 5000
    refund = await returning.refund(TEST, payment, Back("cash", "moved away", key="back"))
    said = await printed(await papers.receipt_page(TEST, payment), tmp_path)
    assert "$200.00 of it was given back" in said and "receipt 2" in said
    assert cents(said, "Paid ahead after this") == 5000, "what a receipt said then, it says later"
    said = await printed(await papers.receipt_page(TEST, refund), tmp_path)
    assert re.search(r"Refund of\s+receipt 1", said) and cents(said, "Given back by cash") == 20000


async def test_a_payment_that_was_reversed_says_so(cast, tmp_path):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 1000)
    await returning.reverse(TEST, payment, "the check bounced")
    said = await printed(await papers.receipt_page(TEST, payment), tmp_path)
    assert said.count("REVERSED") == 2 and "does not count any more" in said and "bounced" not in said


# All of them ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_the_sums_on_the_paper_are_those_of_the_account_whatever_has_happened(cast, tmp_path, seed):
    luck = random.Random(seed)
    await a_whole_practice(cast.client)
    for _ in range(luck.randint(1, 4)):
        lines = [LineDraft("H0004", "Counseling", luck.randint(1, 4), luck.randint(100, 9999), pointers=(1,))
                 for _ in range(luck.randint(1, 3))]  # fmt: skip
        await an_encounter(
            cast.client, *lines, days_ago=luck.randint(1, 60), **({"insured": AETNA} if luck.random() < 0.6 else {})
        )
    invoice = await issuing.issue(TEST, cast.client.id)
    for _ in range(12):
        await happens(luck, cast.client)
    await fetch("SELECT 1")
    balance = await owed.balance(TEST, cast.client.id)
    said = await printed(await papers.invoice_page(TEST, invoice), tmp_path)
    assert cents(said, "Yours to pay") == balance.client_due
    assert cents(said, "Waiting for insurance") == balance.insurance_due
    paid = sum(cents(said, label) for label in ("Total", "Adjustments", "Paid by insurance", "Paid by you"))
    assert paid == balance.client_due + balance.insurance_due
    listed = (
        re.findall(r"(-?)\$([\d,]+\.\d\d)\n", said[said.index("How it was paid") :])
        if "How it was paid" in said
        else []
    )
    came = sum((-1 if sign else 1) * int(amount.replace(",", "").replace(".", "")) for sign, amount in listed)
    assert came == -cents(said, "Paid by insurance") - cents(said, "Paid by you")


async def happens(luck: random.Random, client) -> None:
    """One thing that may happen to an account; what cannot be is refused, and that is that."""
    insured = await owed.of_insurers(TEST, client.id)
    due = await owed.of_client(TEST, client.id)
    act = luck.choice(["pay", "decide", "write off", "refund", "reverse", "credit"])
    try:
        if act == "pay":
            await a_payment(client, luck.randint(100, 15000))
        elif act == "decide" and insured:
            one = luck.choice(insured)
            part = Part(
                one.id, paid=one.insurance_due // 2, adjusted=one.insurance_due // 5, left=one.insurance_due // 7
            )
            await deciding.post_remittance(TEST, client.id, Remittance("Aetna", "transfer", today(), [part]))
        elif act == "write off" and due:
            one = luck.choice(due)
            await deciding.write_off(TEST, client.id, one.id, one.client_due // 3 or 1, "kindness")
        elif act == "credit":
            await paying.apply_credit(TEST, client.id)
        else:
            rows = await fetch("SELECT id FROM payment WHERE NOT is_refund AND payer = '' AND reversed_at IS NULL")
            if rows and act == "refund":
                await returning.refund(TEST, luck.choice(rows)["id"], Back("cash", "asked for"))
            elif rows:
                await returning.reverse(TEST, luck.choice(rows)["id"], "wrong")
    except Refused:
        pass


@pytest.mark.parametrize("spoken", ["en", "es"])
@pytest.mark.parametrize("kind", ["invoice", "superbill", "receipt"])
async def test_it_is_tagged_has_a_language_a_discreet_title_and_heads_of_tables(cast, tmp_path, kind, spoken):
    await a_whole_practice(cast.client)
    encounter = await a_decided_visit(cast)
    invoice = await issuing.issue(TEST, cast.client.id)
    (payment,) = await fetch("SELECT id FROM payment WHERE number IS NOT NULL")
    subject = {"invoice": invoice, "superbill": encounter, "receipt": payment["id"]}[kind]
    with speaking(spoken):
        html = await getattr(papers, f"{kind}_page")(TEST, subject)
    pdf = await press.printed(html)
    facts = facts_of(pdf, tmp_path)
    assert facts["Tagged"] == "yes" and facts["Page size"].endswith("(letter)")
    assert facts["Title"] and not re.search("Maya|Reyes|F41|Counseling|anxiety", facts["Title"])
    with pikepdf.open(tmp_path / "paper.pdf") as opened:
        assert str(opened.Root.Lang) == spoken and bool(opened.Root.MarkInfo.Marked)
        assert bool(opened.Root.ViewerPreferences.DisplayDocTitle)
        assert opened.open_metadata().get("pdfuaid:part") == "1"
        heads = [one for one in elements(opened.Root.StructTreeRoot) if one.get("/S") == "/TH"]
        assert heads and all(scope_of(one) in ("/Column", "/Row") for one in heads)
    tree = subprocess.run(["pdfinfo", "-struct", tmp_path / "paper.pdf"], capture_output=True, text=True).stdout
    assert "Table" in tree and "H1" in tree


def elements(node):
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def scope_of(head) -> str:
    told = head.get("/A", {})
    told = told if isinstance(told, pikepdf.Dictionary) else next(iter(told), {})
    return str(told.get("/Scope", ""))
