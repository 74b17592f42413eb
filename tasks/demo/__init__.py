"""The demo practice: Harbor Lane Counseling and its people, all invented."""

from datetime import date, timedelta

from portal import clock
from portal.access import Area, Reach, Role, Viewer
from portal.accounts.actions.invitation import invite
from portal.accounts.actions.own import choose_time_zone
from portal.accounts.actions.registration import EVERY_AREA
from portal.accounts.actions.staff import add_staff
from portal.accounts.passwords import hashed
from portal.accounts.tables import Account, Grant, GrantKind
from portal.clients import record
from portal.clients.actions import add_client
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Sheet, blank
from portal.clients.tables import Client, ClientAddress, ClientPhone, Coverage, RelatedKind, RelatedPerson
from portal.information.actions import change, decision
from portal.information.queries import digest
from portal.information.tables import ChangeRequest
from portal.practice.actions import add_staff_member, set_up
from portal.practice.tables import StaffMember
from tasks.demo import calendar, documents, estimates, filling, forms, messages, money, records, reminders, signing

PASSWORD = "harbor lane demo only"
SEED = Viewer.portal("demo data")
ACCOUNTS = [
    ("priya@harborlane.example", "Priya Raman, front desk"),
    ("ngozi@harborlane.example", "Dr. Ngozi Okafor, clinician"),
    ("sam@harborlane.example", "Sam Whitaker, administrator"),
    ("maya.reyes@example.com", "Maya Reyes, a client"),
    ("rosa.delgado@example.com", "Rosa Delgado-Núñez, a client"),
    ("daniel.karim@example.com", "Daniel Karim, father of two clients"),
    ("nadia.karim@example.com", "Nadia Karim, mother of one of them"),
    (money.BILLER, "Lena Fischer, biller"),
    ("elias@harborlane.example", "Dr. Elias Brandt, clinician"),
]
PRACTICE = {
    "name": "Harbor Lane Counseling",
    "sender_name": "Your client portal",
    "sender_name_es": "Su portal",
    "phone": "+14435550142",
    "email": "office@harborlane.example",
    "street": "12 Harbor Lane",
    "city": "Annapolis",
    "state": "MD",
    "postal_code": "21401",
    "time_zone": "America/New_York",
    "hours_en": "Monday to Friday, 8:30 AM to 5:30 PM",
    "hours_es": "De lunes a viernes, de 8:30 a 17:30",
}
Related = tuple[str, str, str, str, bool]
Insured = tuple[str, str, str]
BELONGINGS: dict[str, tuple[str, str, str, Related, Insured]] = {
    "Maya": (
        "+14435550119",
        "218 Linden Street, Apt 4",
        "21401",
        ("Daniel", "Reyes", "Brother", "+14435550177", True),
        ("Aetna", "Open Access", "W2093 11864"),
    ),
    "Jonah": (
        "+14105550138",
        "9 Chesapeake Avenue",
        "21403",
        ("Helen", "Whitfield", "Mother", "+14105550101", True),
        ("CareFirst", "BlueChoice", "XWH 8841 2207"),
    ),
    "Aisha": (
        "+14435550163",
        "77 Spa Road",
        "21401",
        ("Daniel", "Karim", "Father", "+14435550163", True),
        ("Cigna", "Open Access Plus", "U4471 9020"),
    ),
    "Rosa": (
        "+14435550151",
        "1410 Forest Drive",
        "21403",
        ("Tomás", "Delgado", "Son", "+14435550152", True),
        ("Medicare", "Part B", "1EG4 TE5 MK72"),
    ),
}
CLIENTS = [
    ("Maya", "Reyes", date(1991, 4, 17), "maya.reyes@example.com", ""),
    ("Jonah", "Whitfield", date(1984, 9, 2), "jonah.whitfield@example.com", ""),
    ("Aisha", "Karim", date(2014, 1, 29), "", ""),
    ("Sami", "Karim", date(2016, 6, 11), "", ""),
    ("Tove", "Lindqvist", date(1978, 12, 5), "tove@example.com", ""),
    ("Rosa", "Delgado-Núñez", date(1966, 3, 30), "rosa.delgado@example.com", "Rosita"),
    ("Wei", "Chen", date(1999, 7, 23), "wei.chen@example.com", ""),
    ("Marcus", "O’Neill", date(1972, 2, 14), "marcus.oneill@example.com", ""),
    ("Ines", "Ferreira", date(1988, 10, 8), "", ""),
    ("Gloria", "Baptiste", date(1953, 5, 19), "gloria.baptiste@example.com", ""),
]


async def fill() -> None:
    """Everything that the demo shows, inside the caller's transaction."""
    await set_up(SEED, **PRACTICE)
    priya = await add_staff(SEED, ACCOUNTS[0][0], PASSWORD, "Priya", "Raman", Role.FRONT_DESK)
    okafor = await add_staff(
        SEED,
        ACCOUNTS[1][0],
        PASSWORD,
        "Ngozi",
        "Okafor",
        Role.CLINICIAN,
        prefix="Dr.",
        credentials="PsyD",
        is_clinician=True,
    )
    sam = await add_staff(SEED, ACCOUNTS[2][0], PASSWORD, "Sam", "Whitaker", Role.ADMINISTRATOR)
    second = await add_staff_member(
        SEED, "Elias", "Brandt", None, prefix="Dr.", credentials="LCSW-C", is_clinician=True
    )
    treats = (okafor.staff_member, second.id)
    charts = [
        await add_client(
            SEED, given, family, born, email=email, preferred_name=called, principal_clinician=treats[place % 2]
        )
        for place, (given, family, born, email, called) in enumerate(CLIENTS)
    ]
    by_name = {chart.given_name: chart for chart in charts}
    for given, belongings in BELONGINGS.items():
        await _belongs(by_name[given].id, *belongings)
    with clock.shifted(days=-60):
        maya = await _holder("maya.reyes@example.com", "Maya Reyes", [(by_name["Maya"].id, "self")])
        rosa = await _holder("rosa.delgado@example.com", "Rosa Delgado-Núñez", [(by_name["Rosa"].id, "self")])
        children = [(by_name["Aisha"].id, "guardian"), (by_name["Sami"].id, "guardian")]
        daniel = await _holder("daniel.karim@example.com", "Daniel Karim", children)
        nadia = await _holder("nadia.karim@example.com", "Nadia Karim", children[:1])
    staff = Viewer(account_id=priya.id, staff_id=priya.staff_member, role=Role.FRONT_DESK, name="Priya Raman")
    await choose_time_zone(Viewer(account_id=daniel.id), "America/Chicago")
    await _changes(by_name, rosa, daniel, staff)
    accounts = {"maya": maya, "rosa": rosa, "daniel": daniel, "priya": priya}
    await calendar.fill(by_name, accounts, treats[0], treats[1], staff)
    await reminders.fill(maya, by_name["Maya"])
    await invite(SEED, by_name["Jonah"].id, email="jonah.whitfield@example.com", kind=GrantKind.SELF)
    expired = await invite(SEED, by_name["Tove"].id, email="tove@example.com", kind=GrantKind.SELF)
    expired.sent_at, expired.expires_at = expired.sent_at - timedelta(days=9), expired.expires_at - timedelta(days=9)
    await expired.save()
    await _signs_in(second, ACCOUNTS[-1][0])
    ngozi = Viewer(account_id=okafor.id, staff_id=treats[0], role=Role.CLINICIAN, name="Dr. Ngozi Okafor")
    lead = Viewer(account_id=sam.id, staff_id=sam.staff_member, role=Role.ADMINISTRATOR, name="Sam Whitaker")
    await messages.fill(by_name, {**accounts, "nadia": nadia}, staff, ngozi, lead, second.id)
    await money.fill(by_name, *treats, PASSWORD)
    await estimates.fill(by_name, staff)
    await forms.fill(lead)
    await documents.fill(by_name, accounts, staff)
    await filling.fill(by_name["Maya"].id, maya, by_name["Rosa"].id, staff)
    await signing.fill(by_name, accounts, staff)
    await records.fill(by_name, accounts, staff)


async def _holder(email: str, name: str, reaches: list[tuple[int, str]]) -> Account:
    now = clock.now()
    account = Account(
        email=email,
        email_key=email,
        name=name,
        password_hash=await hashed(PASSWORD),
        password_changed_at=now,
        created_at=now,
    )
    await account.save()
    for client_id, kind in reaches:
        await Grant(account=account.id, client=client_id, kind=kind, areas=EVERY_AREA, starts_at=now).save()
    return account


async def _signs_in(member: StaffMember, email: str) -> None:
    """Somebody who works here already."""
    now = clock.now()
    account = Account(
        email=email, email_key=email, name=member.name, password_hash=await hashed(PASSWORD),
        password_changed_at=now, staff_member=member.id, created_at=now,
    )  # fmt: skip
    await account.save()
    member.role = Role.CLINICIAN
    await member.save([StaffMember.role])


async def _belongs(client_id: int, phone: str, street: str, zip_code: str, person: Related, insurance: Insured) -> None:
    given, family, relationship, number, is_emergency = person
    await ClientPhone(client=client_id, number=phone, may_leave_message=True).save()
    await ClientAddress(client=client_id, street=street, city="Annapolis", state="MD", postal_code=zip_code).save()
    await RelatedPerson(
        client=client_id,
        given_name=given,
        family_name=family,
        kind=RelatedKind.FAMILY,
        relationship=relationship,
        phone=number,
        is_emergency_contact=is_emergency,
    ).save()
    payer, plan, member = insurance
    await Coverage(client=client_id, payer=payer, plan=plan, member_id=member).save()


async def _changes(charts: dict[str, Client], rosa: Account, daniel: Account, staff: Viewer) -> None:
    """What clients sent over the last days: two wait, one was accepted, one returned."""
    aisha, sami, own = charts["Aisha"].id, charts["Sami"].id, charts["Rosa"].id
    phone = {"kind": "mobile", "number": "+14435550163", "may_leave_message": "yes"}
    with clock.shifted(days=-6):
        sent = await _ask(rosa, own, "self", "demographics", "person", "person", {"pronouns": "ella"})
        await decision.approve(staff, sent.id, sent.version, await _seen(sent))
    with clock.shifted(days=-3):
        sent = await _ask(daniel, sami, "guardian", "demographics", "phones", "new1", phone)
        await decision.give_back(staff, sent.id, sent.version, "call", "We have another number for Sami's school days.")
    with clock.shifted(days=-2, hours=-1):
        entry = next(iter((await _sheet(own, "insurance"))["coverages"]))
        card = {"plan": "Medicare Advantage", "member_id": "8TK2 WD4 QR90", "relationship": "self"}
        await _ask(rosa, own, "self", "insurance", "coverages", entry, card)
    with clock.shifted(hours=-20):
        aunt = {"given_name": "Leila", "family_name": "Haddad", "relationship": "Aunt", "phone": "+14105550127"}
        await _ask(daniel, aisha, "guardian", "emergency", "contacts", "new1", aunt)


async def _ask(
    account: Account, client_id: int, kind: str, name: str, group: str, entry: str, fields: dict[str, str]
) -> ChangeRequest:
    """As that person would: these fields of one entry, old or new."""
    reach = Reach(client_id, kind, frozenset(str(area) for area in Area))
    viewer = Viewer(account_id=account.id, name=account.name, grants=(reach,))
    section, now = SECTIONS[name], await _sheet(client_id, name)
    before = now[group].get(entry) or blank(section.group(group))
    wanted = {**now, group: {**now[group], entry: {**before, **fields}}}
    await change.send(viewer, client_id, section, now, wanted)
    sent = await ChangeRequest.objects().order_by(ChangeRequest.id, ascending=False).first()
    assert sent is not None
    return sent


async def _seen(sent: ChangeRequest) -> str:
    return digest(await _sheet(sent.client, sent.section))


async def _sheet(client_id: int, name: str) -> Sheet:
    return await record.sheet(SEED, client_id, SECTIONS[name])
