"""The demo's conversations: what was said over the last weeks, and what waits."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.announcements.actions import spreading, writing
from portal.announcements.actions.writing import Written
from portal.announcements.queries import announcements
from portal.clients.tables import Client
from portal.database import fetch
from portal.messages.actions import attaching, canning, drafting, handling, reading, sending
from portal.messages.actions.drafting import Drafted
from portal.messages.actions.putting import Beginning, Words
from portal.messages.queries import conversation
from portal.messages.queries.conversation import Head
from portal.messages.tables import Topic
from portal.practice.tables import StaffAway
from tasks.demo import files

SEED = Viewer.portal("demo data")
ZONE = ZoneInfo("America/New_York")
MON, TUE, WED, THU, FRI, SUN = 0, 1, 2, 3, 4, 6
DIARY = [
    "Night     asleep     awake     slept     how it was",
    "Monday    23:40      6:30      6 h 20    restless until one",
    "Tuesday   23:10      6:30      7 h       walked in the evening",
    "Wednesday 1:15       6:30      4 h 30    the storm",
    "Thursday  22:50      6:45      7 h 30    walked in the evening",
]
CANNED = [
    (
        "Hours",
        "Hello {first_name}, the office is open Monday to Friday from 8:30 to 17:30. Call us at {office_phone}.",
        "Hola, {first_name}: el consultorio abre de lunes a viernes de 8:30 a 17:30. Llámenos al {office_phone}.",
    ),
    (
        "New insurance card",
        "Hello {first_name}, please change the member number under My Information and add a photo of both sides of the"
        " card. We bill it from the day that stands on it.",
        "Hola, {first_name}: cambie por favor el número de miembro en Mi información y agregue una foto de ambos lados"
        " de la tarjeta. La usamos desde la fecha que dice.",
    ),
    (
        "Thank you, we are looking into it",
        "Thank you for your message, {first_name}. We are looking into it, and write again within two days.",
        "Gracias por su mensaje, {first_name}. Lo estamos revisando y le escribimos en dos días a más tardar.",
    ),
]


NOTHING: Mapping[str, bytes] = {}


@dataclass(frozen=True)
class Talk:
    """A conversation as it goes on."""

    chart: Client
    id: int

    async def says(self, who: Viewer, at: datetime, body: str, content: Mapping[str, bytes] = NOTHING) -> None:
        """Whoever answers has read what was said so far. `content`: files, by name."""
        with _at(at):
            await self.read(who)
            if who.is_staff:
                await sending.answer_for_staff(who, self.id, _words(body))
            else:
                await sending.answer(who, self.chart.id, self.id, await self.drafted(who, body, content))

    async def drafted(self, who: Viewer, body: str, content: Mapping[str, bytes]) -> Words:
        words = _words(body)
        if not content:
            return words
        draft = await drafting.save(who, self.chart.id, self.id, Drafted(words.key, body), is_staff=False)
        assert draft is not None
        for name, one in content.items():
            await attaching.keep(who, self.chart.id, draft, name, one)
        return Words(body, words.key, draft)

    async def head(self, who: Viewer) -> Head:
        return await conversation.of_staff(who, self.id)

    async def taken(self, who: Viewer, at: datetime, note: str) -> None:
        """Read, taken, and a word about it for the colleagues."""
        await self.read(who, at)
        with _at(at):
            await handling.take(who, self.id, (await self.head(who)).version)
            await handling.add_note(who, self.id, note, secrets.token_hex(16))

    async def closed(self, who: Viewer, at: datetime) -> None:
        await self.read(who, at)
        with _at(at):
            head = await self.head(who)
            await handling.close(who, self.id, head.version, head.latest)

    async def read(self, who: Viewer, at: datetime | None = None) -> None:
        latest = (await fetch("SELECT latest FROM thread WHERE id = {}", self.id))[0]["latest"]
        with _at(at or clock.now()):
            if who.is_staff:
                await reading.mark_read_for_staff(who, self.id, latest)
            else:
                await reading.mark_read(who, self.chart.id, self.id, latest)


async def fill(
    charts: Mapping[str, Client],
    accounts: Mapping[str, Account],
    priya: Viewer,
    okafor: Viewer,
    sam: Viewer,
    brandt: int,
) -> None:
    """Inside the caller's transaction."""
    maya, rosa = _as(accounts["maya"], charts["Maya"]), _as(accounts["rosa"], charts["Rosa"])
    daniel = _as(accounts["daniel"], charts["Aisha"], "guardian")
    nadia = _as(accounts["nadia"], charts["Aisha"], "guardian")
    await _announced(sam, charts, maya, rosa)
    await _mayas(charts["Maya"], maya, priya, okafor)
    await _rosas(charts["Rosa"], rosa, priya)
    await _aishas(charts["Aisha"], daniel, nadia, priya, okafor)
    await _samis(charts["Sami"], _as(accounts["daniel"], charts["Sami"], "guardian"), priya)
    for title, english, spanish in CANNED:
        await canning.save(sam, None, title, english, spanish)
    first = _day(-3, MON)
    await StaffAway(staff=okafor.staff_id, first_day=first, last_day=first + timedelta(days=4), cover=brandt).save()


async def _mayas(chart: Client, maya: Viewer, priya: Viewer, okafor: Viewer) -> None:
    """Two answers are new to her, and one question of hers waits since yesterday."""
    talk = await _begun(
        maya, chart, _on(3, SUN, 19, 42), Topic.APPOINTMENTS, "Two weeks by video",
        "Next month I will be at my mother's in Ohio for two weeks. Can we keep the Monday sessions by video, or do I"
        " have to cancel them?\n\nThank you!",
    )  # fmt: skip
    await talk.says(
        priya, _on(2, MON, 8, 51),
        "Good morning Maya, you do not have to cancel anything. Dr. Okafor can only see you by video while you are in"
        " a state where she is licensed, so I have to ask her about Ohio. I will be back to you by tomorrow.",
    )  # fmt: skip
    await talk.says(maya, _on(2, MON, 12, 17), "I see, that makes sense. Thank you for asking!")
    await talk.says(
        priya, _on(2, TUE, 9, 26),
        "She can see you there for these two weeks. I have changed both visits to video; you see them under"
        " Appointments.",
    )  # fmt: skip
    await talk.read(maya, _on(2, TUE, 18, 5))
    talk = await _begun(
        maya, chart, _on(2, WED, 13, 20), Topic.CARE, "The sleep diary",
        "Dr. Okafor, I have filled in the sleep diary for a week now. Should I bring it, or send it to you before we"
        " meet?",
    )  # fmt: skip
    await talk.says(
        okafor, _on(2, THU, 11, 48),
        "Well done for keeping it up. Please send it here a day before, then we can use the time to talk about it.",
    )  # fmt: skip
    diary = {"Sleep diary, first week.pdf": files.page("Sleep diary, first week", DIARY)}
    sent = {**diary, "Evening walk.png": files.photo()}
    await talk.says(
        maya, _on(1, MON, 17, 31),
        "Then here is the first week. Wednesday was the night of the storm. And this is where I walk in the evenings.",
        sent,
    )  # fmt: skip
    await talk.says(
        okafor, _on(1, WED, 10, 12),
        "Thank you, what a place for a walk! I see two very good nights after it. Keep the diary going, and we look at"
        " it together on Monday.",
    )  # fmt: skip
    talk = await _begun(
        maya, chart, _on(2, FRI, 16, 2), Topic.PERSONAL, "The letter for my employer",
        "You offered to write that I have appointments on Monday mornings. Could it leave out what kind they are?",
        clinician=okafor.staff_id,
    )  # fmt: skip
    await talk.says(
        okafor, _on(1, MON, 9, 15),
        "Of course. It will say “a recurring medical appointment”, and nothing else. I will put it with your documents"
        " this week.",
    )  # fmt: skip
    await talk.read(maya, _on(1, MON, 12, 40))
    talk = await _begun(
        maya, chart, _on(1, TUE, 10, 33), Topic.BILLING, "My new insurance card",
        "The card with the new member number came. Is it enough to change it under My Information?",
    )  # fmt: skip
    await talk.says(
        priya, _on(1, TUE, 14, 8),
        "Yes, and please add a photo of both sides there. We bill the new one from the day that stands on it.",
    )  # fmt: skip
    await _begun(
        maya, chart, clock.now() - timedelta(hours=22), Topic.APPOINTMENTS, "Parking during the roadworks",
        "Harbor Lane is closed on the even side from next week on. Where can I park when I come on Monday?",
    )  # fmt: skip


async def _rosas(chart: Client, rosa: Viewer, priya: Viewer) -> None:
    talk = await _begun(
        rosa, chart, _on(1, TUE, 9, 5), Topic.APPOINTMENTS, "La hora del martes",
        "Buenos días. El autobús llega a las 10:05 y mi cita es a las 10. ¿Podemos empezar diez minutos más tarde?",
    )  # fmt: skip
    await talk.says(
        priya, _on(1, TUE, 11, 22),
        "Buenos días, señora Delgado. No hay problema: el Dr. Brandt la espera a las 10:10. La sala de espera abre a"
        " las 8:30.",
    )  # fmt: skip
    await talk.says(rosa, _on(1, TUE, 11, 40), "Muchas gracias, muy amable.")
    await talk.closed(priya, _on(1, TUE, 11, 52))
    talk = await _begun(
        rosa, chart, clock.now() - timedelta(hours=5), Topic.BILLING, "Una factura que no entiendo",
        "Recibí una carta de Medicare y no sé si tengo que pagar algo. ¿Me pueden ayudar?",
    )  # fmt: skip
    note = "It is the letter about the new plan: she owes nothing. I call her this afternoon, she would rather talk."
    await talk.taken(priya, clock.now() - timedelta(hours=4), note)


async def _aishas(chart: Client, daniel: Viewer, nadia: Viewer, priya: Viewer, okafor: Viewer) -> None:
    """Both parents read the first; the second is between her father and the front desk."""
    both = frozenset({int(daniel.account_id or 0), int(nadia.account_id or 0)})
    talk = await _begun(
        okafor, chart, _on(2, TUE, 14, 30), Topic.CARE, "Before our next family session",
        "Dear Mr. and Ms. Karim, before we meet again I would like to hear from each of you: what has gone well at home"
        " over the last weeks? A few lines are enough.", people=both,
    )  # fmt: skip
    await talk.says(nadia, _on(2, TUE, 20, 11), "Mornings! She packs her own bag now, and is proud of it.")
    await talk.says(daniel, _on(2, WED, 12, 55), "Homework without tears, most days. And she laughs a lot more.")
    await talk.says(okafor, _on(2, THU, 9, 30), "Thank you both. That is a good place to begin.")
    await talk.read(daniel, _on(2, THU, 12, 45))
    await talk.read(nadia, _on(2, THU, 19, 2))
    talk = await _begun(
        daniel, chart, _on(1, WED, 8, 47), Topic.APPOINTMENTS, "Who picks Aisha up",
        "On Thursdays my sister Leila Haddad picks Aisha up. Do you need anything from me for that?",
    )  # fmt: skip
    await talk.says(
        priya, _on(1, WED, 10, 20),
        "Thank you for telling us. She is on the list of people who may pick her up; she only has to show an ID the"
        " first time.",
    )  # fmt: skip


async def _samis(chart: Client, daniel: Viewer, priya: Viewer) -> None:
    talk = await _begun(
        daniel, chart, _on(3, WED, 16, 40), Topic.OTHER, "A form for the school",
        "The school asks for a confirmation that Sami misses the first period every other Tuesday.",
    )  # fmt: skip
    await talk.says(priya, _on(3, THU, 9, 2), "It lies at the front desk for you, signed by Dr. Brandt.")
    await talk.says(daniel, _on(3, THU, 17, 12), "Picked up. Thank you, that was quick!")
    await talk.closed(priya, _on(3, FRI, 8, 58))


async def _announced(sam: Viewer, charts: Mapping[str, Client], maya: Viewer, rosa: Viewer) -> None:
    """To everybody, in both languages; two have read it."""
    written = Written(
        secrets.token_hex(16), "We open earlier",
        "From the first of next month on the office opens at 8:30 in the morning, half an hour earlier than before."
        "\n\nYour appointments stay as they are.", Topic.APPOINTMENTS, "Abrimos más temprano",
        "A partir del primer día del próximo mes, el consultorio abre a las 8:30 de la mañana, media hora antes."
        "\n\nSus citas no cambian.",
    )  # fmt: skip
    with _at(_on(2, MON, 15, 0)):
        announcement_id = await writing.write(sam, written)
        await writing.send(sam, announcement_id, (await announcements.announcement(sam, announcement_id)).seen)
        while await spreading.send_portion(SEED, announcement_id):
            pass
    for chart, who in ((charts["Maya"], maya), (charts["Rosa"], rosa)):
        rows = await fetch("SELECT id FROM thread WHERE announcement = {} AND client = {}", announcement_id, chart.id)
        await Talk(chart, rows[0]["id"]).read(who, _on(2, MON, 19, 30))


async def _begun(
    who: Viewer, chart: Client, at: datetime, topic: Topic, subject: str, body: str, *,
    clinician: int | None = None, people: frozenset[int] = frozenset(),
) -> Talk:  # fmt: skip
    beginning = Beginning(topic, subject, clinician, people)
    begin = sending.begin_for_staff if who.is_staff else sending.begin
    with _at(at):
        return Talk(chart, await begin(who, chart.id, beginning, _words(body)))


def _words(body: str) -> Words:
    return Words(body, secrets.token_hex(16))


def _as(account: Account, chart: Client, kind: str = "self") -> Viewer:
    grants = (Reach(chart.id, kind, frozenset({Area.MESSAGES})),)
    return Viewer(account_id=account.id, name=account.name, grants=grants)


def _on(weeks: int, weekday: int, hour: int, minute: int) -> datetime:
    """So many weeks ago, by the wall clock of the office."""
    return datetime.combine(_day(weeks, weekday), time(hour, minute), ZONE)


def _day(weeks: int, weekday: int) -> date:
    today = clock.today(ZONE.key)
    return today - timedelta(days=today.weekday() - weekday + 7 * weeks)


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    with clock.shifted(seconds=(moment - clock.now()).total_seconds()):
        yield
